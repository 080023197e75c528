"""Right derivations in other people's styles, written by hand: the checker must accept every line.

A block starts with `function | variable | declarations`; each line under it is a line of somebody's derivation.
A line `--` starts another derivation of the same function.
"""

TEXT = """
a.T @ x | x | a: n; x: n
df = a.T @ dx
G = a
--
df = dx.T @ a
df = inner(a, dx)
G = a
--
df = sum(a * dx)
df = tr(dx @ a.T)
grad = a

x.T @ A @ x | x | A: n,n; x: n
df = dx.T @ A @ x + x.T @ A @ dx
df = (A @ x).T @ dx + (A.T @ x).T @ dx
df = (A @ x + A.T @ x).T @ dx
G = (A + A.T) @ x
--
df = d(x.T) @ A @ x + x.T @ A @ d(x)
df = x.T @ (A + A.T) @ dx
G = A @ x + A.T @ x
--
f = inner(x, A @ x)
df = inner(dx, A @ x) + inner(x, A @ dx)
df = inner(A @ x, dx) + inner(A.T @ x, dx)
G = (A.T + A) @ x
--
f = tr(A @ x @ x.T)
df = tr(A @ (dx @ x.T + x @ dx.T))
df = tr(x.T @ A @ dx) + tr(x.T @ A.T @ dx)
G = 2 * ((A + A.T) / 2) @ x

x.T @ A @ x | x | A: n,n symmetric; x: n
df = 2 * x.T @ A @ dx
G = 2 * A @ x
--
df = dx.T @ A @ x + x.T @ A @ dx
df = 2 * dx.T @ A @ x
df = 2 * inner(A @ x, dx)
G = A @ x + A.T @ x

norm(X @ w - y)**2 | w | X: n,p; w: p; y: n
f = (X @ w - y).T @ (X @ w - y)
f = w.T @ X.T @ X @ w - 2 * y.T @ X @ w + y.T @ y
df = 2 * w.T @ X.T @ X @ dw - 2 * y.T @ X @ dw
df = 2 * (X @ w - y).T @ X @ dw
G = 2 * X.T @ (X @ w - y)
--
df = d((X @ w - y).T) @ (X @ w - y) + (X @ w - y).T @ d(X @ w - y)
df = dw.T @ X.T @ (X @ w - y) + (X @ w - y).T @ X @ dw
df = 2 * inner(X @ w - y, X @ dw)
df = 2 * inner(X.T @ (X @ w - y), dw)
G = 2 * X.T @ X @ w - 2 * X.T @ y
--
df = 2 * norm(X @ w - y) * d(norm(X @ w - y))
df = 2 * tr((X @ w - y).T @ X @ dw)
G = -2 * X.T @ (y - X @ w)
--
f = sum((X @ w - y)**2)
df = sum(2 * (X @ w - y) * (X @ dw))
df = 2 * (X @ w - y).T @ (X @ dw)
G = 2 * X.T @ (X @ w - y)

norm(X @ w - y)**2 / n | w | X: n,p; w: p; y: n
df = (2 / n) * (X @ w - y).T @ X @ dw
G = 2 / n * X.T @ (X @ w - y)
--
df = 1/n * (2 * (X @ w - y).T @ X @ dw)
G = (2 * X.T @ X @ w - 2 * X.T @ y) / n

norm(X @ w - y)**2 + lam * norm(w)**2 | w | X: n,p; w: p; y: n; lam: scalar
df = 2 * (X @ w - y).T @ X @ dw + 2 * lam * w.T @ dw
G = 2 * X.T @ (X @ w - y) + 2 * lam * w
--
df = 2 * ((X @ w - y).T @ X + lam * w.T) @ dw
G = 2 * ((X.T @ X + lam * eye(p)) @ w - X.T @ y)

norm(X @ w - y)**2 | X | X: n,p; w: p; y: n
df = 2 * (X @ w - y).T @ dX @ w
df = 2 * tr(w @ (X @ w - y).T @ dX)
G = 2 * (X @ w - y) @ w.T
--
df = 2 * tr((X @ w - y).T @ dX @ w)
G = 2 * X @ w @ w.T - 2 * y @ w.T

tr(A @ X @ B) | X | A: p,m; X: m,n; B: n,p
df = tr(A @ dX @ B)
df = tr(B @ A @ dX)
G = A.T @ B.T
--
df = tr(B.T @ dX.T @ A.T)
df = inner((B @ A).T, dX)
G = (B @ A).T
--
df = sum((A.T @ B.T) * dX)
G = A.T @ B.T

tr(A @ X.T) | X | A: m,n; X: m,n
df = tr(A @ dX.T)
df = tr(dX @ A.T)
df = tr(A.T @ dX)
G = A
--
df = inner(dX, A)
G = A

tr(X.T @ A @ X) | X | A: m,m; X: m,n
df = tr(dX.T @ A @ X) + tr(X.T @ A @ dX)
df = tr((A @ X).T @ dX) + tr((A.T @ X).T @ dX)
G = A @ X + A.T @ X
--
df = tr(dX.T @ A @ X + X.T @ A @ dX)
df = tr(X.T @ A.T @ dX + X.T @ A @ dX)
df = tr(X.T @ (A + A.T) @ dX)
G = (A + A.T) @ X

tr(A @ X @ B @ X.T) | X | A: m,m; X: m,n; B: n,n
df = tr(A @ dX @ B @ X.T) + tr(A @ X @ B @ dX.T)
df = tr(B @ X.T @ A @ dX) + tr(B.T @ X.T @ A.T @ dX)
G = A.T @ X @ B.T + A @ X @ B

tr(inv(X)) | X | X: n,n
df = tr(d(inv(X)))
df = -tr(inv(X) @ dX @ inv(X))
df = -tr(inv(X) @ inv(X) @ dX)
G = -(inv(X) @ inv(X)).T
--
df = -tr(inv(X @ X) @ dX)
G = -inv(X @ X).T
--
df = tr(-inv(X) @ dX @ inv(X))
G = -inv(X.T) @ inv(X).T

tr(A @ inv(X) @ B) | X | A: m,n; X: n,n; B: n,m
df = -tr(A @ inv(X) @ dX @ inv(X) @ B)
df = -tr(inv(X) @ B @ A @ inv(X) @ dX)
G = -inv(X).T @ A.T @ B.T @ inv(X).T
--
df = tr(B @ A @ d(inv(X)))
G = -(inv(X) @ B @ A @ inv(X)).T
--
df = -inner(inv(X.T) @ (B @ A).T @ inv(X.T), dX)
G = -inv(X.T) @ (B @ A).T @ inv(X.T)

a.T @ inv(X) @ b | X | X: n,n; a: n; b: n
df = -a.T @ inv(X) @ dX @ inv(X) @ b
df = -tr(inv(X) @ b @ a.T @ inv(X) @ dX)
G = -inv(X).T @ a @ b.T @ inv(X).T
--
df = -(inv(X).T @ a).T @ dX @ (inv(X) @ b)
G = -(inv(X).T @ a) @ (inv(X) @ b).T

logdet(X) | X | X: n,n
df = tr(inv(X) @ dX)
G = inv(X).T
--
f = log(det(X))
df = d(det(X)) / det(X)
df = det(X) * tr(inv(X) @ dX) / det(X)
df = inner(inv(X).T, dX)
G = inv(X.T)

logdet(X) | X | X: n,n spd
df = tr(inv(X) @ dX)
G = inv(X)

det(X) | X | X: n,n
df = det(X) * tr(inv(X) @ dX)
G = det(X) * inv(X).T
--
df = tr(det(X) * inv(X) @ dX)
G = (det(X) * inv(X)).T

det(A @ X @ B) | X | A: n,n; X: n,n; B: n,n
df = det(A @ X @ B) * tr(inv(A @ X @ B) @ A @ dX @ B)
df = det(A @ X @ B) * tr(inv(X) @ dX)
G = det(A) * det(X) * det(B) * inv(X).T
--
f = det(A) * det(X) * det(B)
df = det(A) * det(B) * det(X) * tr(inv(X) @ dX)
G = det(A @ X @ B) * inv(X.T)

logdet(X.T @ X) | X | X: m,n
df = tr(inv(X.T @ X) @ d(X.T @ X))
df = tr(inv(X.T @ X) @ (dX.T @ X + X.T @ dX))
df = 2 * tr(inv(X.T @ X) @ X.T @ dX)
G = 2 * X @ inv(X.T @ X)

x.T @ inv(S) @ x | S | S: n,n spd; x: n
df = -x.T @ inv(S) @ dS @ inv(S) @ x
df = -tr(inv(S) @ x @ x.T @ inv(S) @ dS)
G = -inv(S) @ x @ x.T @ inv(S)
--
df = -(inv(S) @ x).T @ dS @ (inv(S) @ x)
G = -(inv(S) @ x) @ (inv(S) @ x).T

a.T @ X @ b | X | X: n,n symmetric; a: n; b: n
df = a.T @ dX @ b
df = tr(b @ a.T @ dX)
G = (a @ b.T + b @ a.T) / 2

norm(x) | x | x: n
f = sqrt(x.T @ x)
df = 1/2 * (x.T @ x)**(-1/2) * (2 * x.T @ dx)
df = x.T @ dx / norm(x)
G = x / norm(x)
--
f = (x.T @ x)**(1/2)
df = d(x.T @ x) / (2 * sqrt(x.T @ x))
G = x / sqrt(x.T @ x)
--
df = inner(x, dx) / norm(x)
G = x * norm(x)**-1

norm(X)**2 | X | X: m,n
f = tr(X.T @ X)
df = tr(dX.T @ X) + tr(X.T @ dX)
df = 2 * tr(X.T @ dX)
G = 2 * X
--
f = sum(X**2)
df = sum(2 * X * dX)
G = X + X
--
f = sum(X * X)
df = 2 * sum(X * dX)
G = 2 * X

norm(A @ X @ B - C)**2 | X | A: p,m; X: m,n; B: n,q; C: p,q
df = 2 * inner(A @ X @ B - C, A @ dX @ B)
df = 2 * tr(B @ (A @ X @ B - C).T @ A @ dX)
G = 2 * A.T @ (A @ X @ B - C) @ B.T
--
df = 2 * inner(A.T @ (A @ X @ B - C) @ B.T, dX)
G = 2 * A.T @ A @ X @ B @ B.T - 2 * A.T @ C @ B.T

tr(A.T @ (X * X)) | X | A: m,n; X: m,n
df = tr(A.T @ (dX * X + X * dX))
df = 2 * tr(A.T @ (X * dX))
df = 2 * tr((A * X).T @ dX)
G = 2 * A * X
--
f = sum(A * X**2)
df = sum(A * (2 * X * dX))
G = 2 * X * A

sum(exp(A @ x)) | x | A: m,n; x: n
df = sum(exp(A @ x) * (A @ dx))
df = exp(A @ x).T @ A @ dx
G = A.T @ exp(A @ x)
--
df = ones(m).T @ (exp(A @ x) * (A @ dx))
df = ones(m).T @ diag(exp(A @ x)) @ A @ dx
G = A.T @ diag(exp(A @ x)) @ ones(m)

a.T @ tanh(W @ x + b) | W | W: m,n; x: n; a: m; b: m
df = a.T @ ((1 - tanh(W @ x + b)**2) * (dW @ x))
df = (a * (1 - tanh(W @ x + b)**2)).T @ dW @ x
G = (a * (1 - tanh(W @ x + b)**2)) @ x.T
--
df = a.T @ (cosh(W @ x + b)**-2 * (dW @ x))
G = (a / cosh(W @ x + b)**2) @ x.T

sum(log(1 + exp(-y * (X @ w)))) | w | X: n,p; w: p; y: n
df = sum(-y * exp(-y * (X @ w)) * (X @ dw) / (1 + exp(-y * (X @ w))))
df = -sum(y * sigmoid(-y * (X @ w)) * (X @ dw))
df = -(y * sigmoid(-y * (X @ w))).T @ X @ dw
G = -X.T @ (y * sigmoid(-y * (X @ w)))
--
f = sum(softplus(-y * (X @ w)))
df = -(y * (1 - sigmoid(y * (X @ w)))).T @ X @ dw
G = X.T @ (y * (sigmoid(y * (X @ w)) - 1))

sum(sin(X)) | X | X: m,n
df = sum(cos(X) * dX)
df = tr(cos(X).T @ dX)
G = cos(X)

logsumexp(A @ x) | x | A: m,n; x: n
f = log(sum(exp(A @ x)))
df = d(sum(exp(A @ x))) / sum(exp(A @ x))
df = exp(A @ x).T @ A @ dx / sum(exp(A @ x))
df = softmax(A @ x).T @ A @ dx
G = A.T @ softmax(A @ x)
--
df = sum(softmax(A @ x) * (A @ dx))
G = A.T @ exp(A @ x) / sum(exp(A @ x))

-y.T @ log_softmax(a) | a | a: k; y: k onehot
f = -y.T @ (a - logsumexp(a) * ones(k))
f = -y.T @ a + logsumexp(a)
df = -y.T @ da + softmax(a).T @ da
df = (softmax(a) - y).T @ da
G = softmax(a) - y
--
f = -y.T @ log(softmax(a))
df = -y.T @ (d(softmax(a)) / softmax(a))
df = (softmax(a) - y).T @ da
G = -y + softmax(a)

-y.T @ log_softmax(W @ x) | W | W: k,n; x: n; y: k onehot
f = -y.T @ log(exp(W @ x) / sum(exp(W @ x)))
f = -y.T @ W @ x + log(sum(exp(W @ x)))
df = -y.T @ dW @ x + exp(W @ x).T @ dW @ x / sum(exp(W @ x))
df = (softmax(W @ x) - y).T @ dW @ x
df = tr(x @ (softmax(W @ x) - y).T @ dW)
G = (softmax(W @ x) - y) @ x.T
--
df = inner(softmax(W @ x) - y, dW @ x)
G = softmax(W @ x) @ x.T - y @ x.T

(x.T @ A @ x) / (x.T @ x) | x | A: n,n symmetric; x: n
df = (2 * x.T @ A @ dx * (x.T @ x) - (x.T @ A @ x) * (2 * x.T @ dx)) / (x.T @ x)**2
df = 2 * x.T @ A @ dx / (x.T @ x) - 2 * (x.T @ A @ x) * (x.T @ dx) / (x.T @ x)**2
G = 2 / (x.T @ x) * (A @ x - (x.T @ A @ x) / (x.T @ x) * x)

exp(-norm(x - y)**2 / (2 * s**2)) | x | x: n; y: n; s: scalar positive
df = exp(-norm(x - y)**2 / (2 * s**2)) * d(-norm(x - y)**2 / (2 * s**2))
df = -exp(-norm(x - y)**2 / (2 * s**2)) * ((x - y).T @ dx) / s**2
G = exp(-norm(x - y)**2 / (2 * s**2)) * (y - x) / s**2

-sum(x * log(x)) | x | x: n positive
df = -sum(dx * log(x) + x * (dx / x))
df = -sum((log(x) + 1) * dx)
G = -log(x) - 1
--
df = -(log(x) + ones(n)).T @ dx
G = -(ones(n) + log(x))

tr(X @ X @ X) | X | X: n,n
df = tr(dX @ X @ X + X @ dX @ X + X @ X @ dX)
df = 3 * tr(X @ X @ dX)
G = 3 * (X @ X).T
--
df = 3 * tr(X @ dX @ X)
G = 3 * X.T @ X.T

tr(A @ X) / tr(B @ X) | X | A: n,n; B: n,n; X: n,n
df = (tr(A @ dX) * tr(B @ X) - tr(A @ X) * tr(B @ dX)) / tr(B @ X)**2
G = A.T / tr(B @ X) - tr(A @ X) / tr(B @ X)**2 * B.T
--
df = tr(A @ dX) / tr(B @ X) - tr(A @ X) * tr(B @ dX) / tr(B @ X)**2
G = (tr(B @ X) * A.T - tr(A @ X) * B.T) / tr(B @ X)**2

norm(V @ relu(W @ x) - y)**2 | W | V: k,m; W: m,n; x: n; y: k
df = 2 * (V @ relu(W @ x) - y).T @ V @ d(relu(W @ x))
df = 2 * (V @ relu(W @ x) - y).T @ V @ (step(W @ x) * (dW @ x))
G = 2 * ((V.T @ (V @ relu(W @ x) - y)) * step(W @ x)) @ x.T
--
df = 2 * (V @ relu(W @ x) - y).T @ V @ diag(step(W @ x)) @ dW @ x
G = 2 * diag(step(W @ x)) @ V.T @ (V @ relu(W @ x) - y) @ x.T

norm(X, 'nuc') | X | X: m,n
df = tr(polar(X).T @ dX)
G = polar(X)
"""


def derivations():
    """Yield (function, variable, declarations, lines)."""
    for block in TEXT.strip().split("\n\n"):
        head, *rest = block.splitlines()
        function, variable, declarations = (s.strip() for s in head.split("|"))
        for lines in "\n".join(rest).split("\n--\n"):
            yield function, variable, declarations, lines.splitlines()
