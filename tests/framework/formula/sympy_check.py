"""Does SymPy agree with our values, gradients, Hessians and derivatives as text?

Usage: sympy_check.py ANSWERS

ANSWERS has a line for each formula and point, with tabs between: formula; variables; point; value; gradient;
Hessian by rows; the gradient as text, its parts between " ; "; the Hessian likewise. Prints what disagrees and the worst
relative error. What SymPy calls not real, we must call not a number.
"""
import sys

import mpmath
import sympy
from sympy.parsing.sympy_parser import (convert_xor, implicit_multiplication, parse_expr, rationalize,
                                        standard_transformations)

TOLERANCE = 1e-10
mpmath.mp.dps = 40


class Floor(sympy.Function):
    """floor, with the derivative 0 that it has between its jumps."""

    def fdiff(self, argindex=1):
        return sympy.Integer(0)


FUNCTIONS = {
    "ln": sympy.log,
    "log2": lambda u: sympy.log(u) / sympy.log(2),
    "log10": lambda u: sympy.log(u) / sympy.log(10),
    "abs": sympy.Abs,
    "step": lambda u: sympy.Heaviside(u, 0),
    "min": sympy.Min,
    "max": sympy.Max,
    "relu": lambda u: sympy.Max(u, 0),
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
    "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
    "floor": Floor,
    "e": sympy.E,
}
NUMERIC = [{
    "Heaviside": lambda u, zero=0: mpmath.mpf(u > 0),
    "DiracDelta": lambda *u: mpmath.mpf(0),
    "Max": max,
    "Min": min,
    "Floor": mpmath.floor,
}, "mpmath"]
SYNTAX = standard_transformations + (convert_xor, implicit_multiplication, rationalize)


def read(text, symbols):
    return parse_expr(text, local_dict={**FUNCTIONS, **symbols}, transformations=SYNTAX)


def evaluate(expression, names, point):
    function = sympy.lambdify([sympy.Symbol(n, real=True) for n in names], expression, modules=NUMERIC)
    try:
        value = mpmath.mpmathify(function(*point))
    except ZeroDivisionError:
        return mpmath.nan
    return value if isinstance(value, mpmath.mpf) or value.imag == 0 else mpmath.nan


def main():
    derivatives = {}
    worst, wrong, compared = 0.0, 0, 0
    for line in open(sys.argv[1], encoding="utf-8"):
        formula, names, point, value, gradient, hessian, slopes, curvatures = line.rstrip("\n").split("\t")
        names = names.split()
        point = [mpmath.mpf(float(x)) for x in point.split()]
        if formula not in derivatives:
            symbols = {n: sympy.Symbol(n, real=True) for n in names}
            f = read(formula, symbols)
            g = [sympy.diff(f, symbols[n]) for n in names]
            h = [sympy.diff(u, symbols[n]) for u in g for n in names]
            texts = [read(t, symbols) for t in (slopes + " ; " + curvatures).split(" ; ") if t]
            derivatives[formula] = ([f] + g + h, texts)
        expected, texts = derivatives[formula]
        expected = [evaluate(u, names, point) for u in expected]
        ours = [float(x) for x in [value, *gradient.split(), *hessian.split()]]
        from_text = [evaluate(u, names, point) for u in texts]
        assert len(ours) == len(expected) and len(from_text) == len(expected) - 1
        scale = max([abs(u) for u in expected if mpmath.isfinite(u)], default=0)
        for got, want in list(zip(ours, expected)) + list(zip(from_text, expected[1:])):
            if mpmath.isnan(want) or mpmath.isnan(got):
                # Derivatives at points where the formula itself has no value are not compared.
                if mpmath.isnan(expected[0]) or (mpmath.isnan(want) and mpmath.isnan(got)):
                    continue
                error = mpmath.inf
            else:
                # An entry far below the others is measured against a ten-thousandth of the largest.
                error = abs(got - want) / max(abs(want), scale * 1e-4, mpmath.mpf("1e-300"))
            compared += 1
            worst = max(worst, float(error))
            if not error <= TOLERANCE:
                wrong += 1
                print(f"{formula} at {[float(x) for x in point]}: {got} instead of {mpmath.nstr(want, 17)}")
        if mpmath.isnan(expected[0]) != (ours[0] != ours[0]):
            wrong += 1
            print(f"{formula} at {[float(x) for x in point]}: {ours[0]} instead of {expected[0]}")
    print(f"{len(derivatives)} formulas, {compared} numbers, worst relative error {worst:.2g}, {wrong} wrong")
    return 1 if wrong or len(derivatives) < 120 else 0


sys.exit(main())
