"""The part of ``inspect`` that reads what a model's makers declared, and writes code."""

import argparse
from pathlib import Path
from typing import Any

from xray_app.cards import read_card
from xray_app.commands.common import print_json
from xray_app.core import InputError
from xray_app.inspection import (
    DeclaredCheck,
    Inspection,
    check_declared,
    contract_to_feed,
    describe_declared,
    with_declared,
)
from xray_app.pipeline import (
    SNIPPETS,
    InputContract,
    Snippet,
    card_contract,
    declared_beside,
    input_code,
    read_declared,
)

Checks = tuple[DeclaredCheck, ...]


def declaring_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --declared and --code."""
    parser.add_argument(
        "--declared",
        action="append",
        default=[],
        metavar="FILE",
        help="what its makers say: preprocessor_config.json (Hugging Face), config.json (timm), "
        "metadata.json (MONAI), a printed preset, torchvision:WEIGHTS or keras:FAMILY; files of "
        "these names beside MODEL are found. MODEL itself may be one",
    )
    parser.add_argument("--code", metavar="LIBRARY", help=f"lines to paste: {', '.join(SNIPPETS)}")


def tell_declared(options: argparse.Namespace) -> None:
    """Print a declaration that was given alone."""
    if options.declared or options.card or options.write_card:
        raise InputError(
            f"{options.model} is a declaration, not a model; --declared, --card and --write-card "
            "go with a model."
        )
    contract = read_declared(str(options.model))
    written = _written(contract, options)
    if options.json:
        code = {"code": written.to_dict()} if written else {}
        print_json({"declared": [{"contract": contract.to_dict()}]} | code)
        return
    print(describe_declared(contract))
    _print_code(written)


def with_declarations(found: Inspection, options: argparse.Namespace) -> tuple[Inspection, Checks]:
    """What is declared by name and beside the model, checked; and the card filled in from it."""
    contracts = [read_declared(text) for text in options.declared]
    if not contracts:
        contracts = list(declared_beside(Path(options.model)))
    for contract in contracts:
        found = with_declared(found, contract)
    return found, tuple(check_declared(contract, found) for contract in contracts)


def declared_to_dict(
    found: Inspection, checks: Checks, options: argparse.Namespace
) -> dict[str, Any]:
    """Return plain values, for JSON."""
    written = _written(_to_feed(found, checks, options), options)
    code = {"code": written.to_dict()} if written else {}
    return {"declared": [check.to_dict() for check in checks]} | code


def print_declared(found: Inspection, checks: Checks, options: argparse.Namespace) -> None:
    """Print each declaration with its table, then the lines to paste."""
    for check in checks:
        print(f"Declared by {describe_declared(check.contract, check)}")
    _print_code(_written(_to_feed(found, checks, options), options))


def _to_feed(found: Inspection, checks: Checks, options: argparse.Namespace) -> InputContract:
    """From a declaration if there is one, else from a card, else as measured alone."""
    if checks:
        return contract_to_feed(found, checks[0].contract)
    if options.card is not None:
        return contract_to_feed(found, card_contract(read_card(options.card)))
    return contract_to_feed(found)


def _written(contract: InputContract, options: argparse.Namespace) -> Snippet | None:
    return input_code(contract, options.code) if options.code else None


def _print_code(written: Snippet | None) -> None:
    if written is not None:
        print(f"\n{written.code}", end="")
