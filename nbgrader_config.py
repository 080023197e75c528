# nbgrader's settings for this course; `python -m course` and the plain `nbgrader` commands both read them.
c = get_config()

c.CourseDirectory.course_id = "numerical-linear-algebra"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# What a student finds in place of an answer. An untouched task must fail, so that it earns nothing.
c.ClearSolutions.code_stub = {
    "python": "# Write your answer here, and delete the next line.\nraise NotImplementedError",
}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# A deleted test cell comes back when the work is marked, and a cell that runs for ever is stopped.
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 60

# With True, `course grade` draws the numbers of each assignment for each student anew, by the name under which the
# work was collected (see "For instructors"); with False the notebook decides, which holds the same for everybody.
c.Variants.own_numbers = False

# The pages that students get show what failed and why, and no hidden test. Each is one file that loads nothing.
c.GenerateFeedback.exporter_class = "course.grading.page.PageExporter"
c.GenerateFeedback.preprocessors = [
    "course.grading.page.GetMarks",
    "course.grading.feedback.HideTests",
    "course.grading.page.Overview",
]
