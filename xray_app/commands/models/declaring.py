"""The part of ``inspect`` that reads what a model's makers declared, and writes code."""

import argparse
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Checks:
    """Declarations, each checked; and sentences on files beside the model that can't be used."""

    found: tuple[DeclaredCheck, ...]
    unusable: tuple[str, ...] = ()


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
    contracts = tuple(read_declared(text) for text in options.declared)
    unusable: tuple[str, ...] = ()
    if not contracts:
        contracts, unusable = declared_beside(Path(options.model))
    for contract in contracts:
        found = with_declared(found, contract)
    return found, Checks(tuple(check_declared(each, found) for each in contracts), unusable)


def declared_to_dict(
    found: Inspection, checks: Checks, options: argparse.Namespace
) -> dict[str, Any]:
    """Return plain values, for JSON."""
    written = _written(_to_feed(found, checks, options), options)
    code = {"code": written.to_dict()} if written else {}
    declared = [check.to_dict() for check in checks.found]
    return {"declared": declared, "declared_unusable": list(checks.unusable)} | code


def print_declared(found: Inspection, checks: Checks, options: argparse.Namespace) -> None:
    """Print each declaration with its table, then the lines to paste."""
    for sentence in checks.unusable:
        print(f"Not used, though it lies beside the model: {sentence}")
    for check in checks.found:
        print(f"Declared by {describe_declared(check.contract, check)}")
    _print_code(_written(_to_feed(found, checks, options), options))


def _to_feed(found: Inspection, checks: Checks, options: argparse.Namespace) -> InputContract:
    """From a declaration if there is one, else from a card, else as measured alone."""
    if checks.found:
        return contract_to_feed(found, checks.found[0].contract)
    if options.card is not None:
        return contract_to_feed(found, card_contract(read_card(options.card)))
    return contract_to_feed(found)


def _written(contract: InputContract, options: argparse.Namespace) -> Snippet | None:
    return input_code(contract, options.code) if options.code else None


def _print_code(written: Snippet | None) -> None:
    if written is not None:
        print(f"\n{written.code}", end="")
