"""Rewrites a vetted script so that everything it does to an object goes through a guard.

A narrower RestrictedPython: its policy class is the base, so whatever it refuses stays refused, and what
it lets pass natively (imports, star-arguments, list targets, f-string fields, growing operators) is
rewritten here as well. After this no attribute access, import or item read is left in the script; the
check of the bytecode (`bytecode`) holds this class to that.
"""

# ruff: noqa: D102, N802, N815 - the base class calls visit_X by the name of the node it visits

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from RestrictedPython.transformer import IOPERATOR_TO_STR, RestrictingNodeTransformer

from tocsin.sandbox import problems

if TYPE_CHECKING:
    from tocsin.sandbox.report import Report

_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Mult: "_multiply_",
    ast.Pow: "_power_",
    ast.LShift: "_shift_left_",
    ast.Mod: "_modulo_",
}
_HELD: Final = "_held_"
"""Holds the value while `a, b = c = value` is taken apart; no script can read or bind this name."""


def _call(guard: str, place: ast.AST, *arguments: Any) -> ast.Call:
    """Make a call of a guard; what is no node is a constant. Inner places are filled in at the end."""
    nodes = [each if isinstance(each, ast.expr) else ast.Constant(each) for each in arguments]
    made = ast.Call(func=ast.Name(guard, ast.Load()), args=nodes, keywords=[])
    return ast.copy_location(made, place)


class ScriptTransformer(RestrictingNodeTransformer):
    """Rewrites one script's tree in place; problems go to `report`."""

    def __init__(self, modules: frozenset[str], report: Report) -> None:
        super().__init__()
        self._modules = modules
        self._report = report

    # --- what the base class decides, said in our words ------------------------------------------

    def error(self, node: ast.AST, info: str) -> None:
        """Take over a refusal of the base class; `vetting` has normally said it better before."""
        super().error(node, info)
        self._report.at(node, problems.UNKNOWN.format(type(node).__name__))

    def check_name(self, node: Any, name: str | None, allow_magic_methods: bool = False) -> None:  # noqa: ARG002 - none is allowed here
        """Let the program's own modules be read, and nothing that starts with `_` be bound."""
        reads = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        if name not in {"print", "printed"} and not (reads and name in self._modules):
            super().check_name(node, name, allow_magic_methods=False)

    def _refuse(self, node: ast.AST) -> None:
        self.not_allowed(node)

    visit_ClassDef = visit_With = visit_Yield = visit_YieldFrom = visit_MatMult = _refuse
    visit_TemplateStr = visit_Interpolation = _refuse

    # --- names and definitions -------------------------------------------------------------------

    def visit_Module(self, node: ast.Module) -> ast.Module:
        return self.node_contents_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        self.check_name(node, node.id)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.check_name(node, node.name)
        self.check_function_argument_names(node)
        return self.node_contents_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Drop the annotation: it would be evaluated, and nothing in here can read it."""
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return self.visit_Assign(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> Any:
        """Read a bare `except:` as `except Exception:`."""
        bare = node.type is None
        super().visit_ExceptHandler(node)
        if bare:
            node.type = ast.Name("_exception_", ast.Load())
        return node

    # --- imports ---------------------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        """`import a.b` binds `a`; `import a.b as c` binds the inner one."""
        made: list[ast.stmt] = []
        for alias in node.names:
            first = alias.name.partition(".")[0]
            whole = _call("_import_", node, alias.name)
            if alias.asname or first == alias.name:
                made.append(self._bound(node, alias.asname or first, whole))
            else:  # the whole path must exist, but only its first part is bound
                made.append(ast.copy_location(ast.Expr(whole), node))
                made.append(self._bound(node, first, _call("_import_", node, first)))
        return made

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if node.module == "__future__":
            return ast.copy_location(ast.Pass(), node)
        return [
            self._bound(
                node, alias.asname or alias.name, _call("_import_from_", node, node.module, alias.name)
            )
            for alias in node.names
        ]

    def _bound(self, node: ast.Import | ast.ImportFrom, name: str, value: ast.expr) -> ast.stmt:
        if name == "*":
            self.not_allowed(node)
        elif not (isinstance(node, ast.Import) and name in self._modules):
            self.check_name(node, name)
        return ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), node)

    # --- attributes, items, calls ----------------------------------------------------------------

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        if not isinstance(node.ctx, ast.Load):
            sealed = _call("_sealed_", node, self.visit(node.value))
            return ast.copy_location(ast.Subscript(sealed, ast.Constant(node.attr), node.ctx), node)
        return super().visit_Attribute(node)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        node = self.node_contents_visit(node)
        if isinstance(node.ctx, ast.Load):
            return _call("_getitem_", node, node.value, node.slice)
        guard = "_write_slice_" if isinstance(node.slice, ast.Slice) else "_write_"
        node.value = _call(guard, node.value, node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        node = self.node_contents_visit(node)
        for keyword in node.keywords:
            if keyword.arg is None:
                keyword.value = _call("_mapping_", keyword.value, keyword.value)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        node = self.node_contents_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = _call("_getiter_", node.value, node.value)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        node = self.node_contents_visit(node)
        node.values = [
            _call("_mapping_", value, value) if key is None else value
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return node

    # --- operators and f-strings -----------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        node = self.node_contents_visit(node)
        guard = _OPERATORS.get(type(node.op))
        return _call(guard, node, node.left, node.right) if guard else node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        sign = IOPERATOR_TO_STR[type(node.op)]
        if not isinstance(node.target, ast.Subscript) or isinstance(node.target.slice, ast.Slice):
            return super().visit_AugAssign(node)
        value, key, other = (self.visit(part) for part in (node.target.value, node.target.slice, node.value))
        # The item is read before the right side runs, which may change it, and fails before it where it must.
        place = _call("_place_", node, value, key)
        return ast.copy_location(ast.Expr(_call("_inplaceitem_", node, sign, place, other)), node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
        node = self.node_contents_visit(node)
        spec = [node.format_spec] if node.format_spec else []
        conversion = [node.conversion] if spec or node.conversion != -1 else []
        value = _call("_text_", node, node.value, *conversion, *spec)
        return ast.copy_location(ast.FormattedValue(value, -1, None), node)

    # --- taking apart ----------------------------------------------------------------------------

    def visit_List(self, node: ast.List) -> Any:
        """Turn `[a, b] = value` into `a, b = value`, the form the rest knows."""
        node = self.node_contents_visit(node)
        if isinstance(node.ctx, ast.Store):
            return ast.copy_location(ast.Tuple(node.elts, node.ctx), node)
        return node

    def _shape(self, target: ast.Tuple) -> tuple[int, tuple[tuple[int, Any], ...]]:
        """Say how many items a target needs, and which of them are targets with items again."""
        count = len(target.elts)
        star = next((at for at, each in enumerate(target.elts) if isinstance(each, ast.Starred)), count)
        inner = tuple(
            (at if at < star else at - count, self._shape(each))
            for at, each in enumerate(target.elts)
            if isinstance(each, ast.Tuple)
        )
        return (count - (star < count), inner)

    def visit_Assign(self, node: ast.Assign) -> Any:
        node = self.node_contents_visit(node)
        if not any(isinstance(target, ast.Tuple) for target in node.targets):
            return node
        if len(node.targets) == 1:
            node.value = self._unpacked(node.targets[0], node.value)
            return node
        pairs = [(target, self._unpacked(target, ast.Name(_HELD, ast.Load()))) for target in node.targets]
        pairs.insert(0, (ast.Name(_HELD, ast.Store()), node.value))
        pairs.append((ast.Name(_HELD, ast.Store()), ast.Constant(None)))
        return [ast.copy_location(ast.Assign([target], value), node) for target, value in pairs]

    def _unpacked(self, target: ast.expr, value: ast.expr) -> ast.expr:
        if not isinstance(target, ast.Tuple):
            return value
        return _call("_unpack_sequence_", target, value, self._shape(target))

    def guard_iter(self, node: Any) -> Any:
        """Guard what a `for` or a comprehension goes through, and its items where they are unpacked."""
        node = self.node_contents_visit(node)
        if isinstance(node.target, ast.Tuple):
            node.iter = _call("_iter_unpack_sequence_", node.iter, node.iter, self._shape(node.target))
        else:
            node.iter = _call("_getiter_", node.iter, node.iter)
        return node
