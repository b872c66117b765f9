"""The `holdfast` command line. Imports nothing heavy at the top: `holdfast --help` answers at once.

Results go to standard output, progress to standard error. Ends with 0 done, 1 refused by a check, 2 bad input or
config, 3 a service that it needs is away.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

COLLECTED_AFTER = (50_000, 20, 50)
"""How many objects between two collections of garbage: compiling queries makes millions of small ones that live on, and
at Python's usual 700 a third of a build went into looking through them (for 5 % less memory)."""

app = typer.Typer(
    name="holdfast",
    help="Which customers will leave, which will move up, which will take on more; why; and whom to call first.",
    epilog="Ends with 0 done, 1 refused by a check (says which), 2 bad input or config, 3 a service is away.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Config = Annotated[Path, typer.Option("--config", "-c", help="holdfast.toml, or the folder that holds it.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DAY", help="Stand at the beginning of this day; default: the data's end."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="RULE",
        help="Leave out rows that break this rule, and keep them in quarantine; repeatable.",
    ),
]
HERE = Path("holdfast.toml")


@app.command()
def demo(
    scenario: Annotated[str, typer.Option(help="The setting: software, service_contract, cable or car.")] = "software",
    accounts: Annotated[int, typer.Option(min=200, help="How many accounts the company has.")] = 2000,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
    folder: Annotated[Path, typer.Option(help="Where the company and its results go.")] = Path("demo"),
) -> None:
    """A simulated company, the whole path, then where to look."""
    from pipelines import demo as demonstration

    demonstration.demo(folder, scenario, accounts, seed)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder with the data files, or with data/ in it.")] = Path(),
    name: Annotated[str | None, typer.Option(help="The company's name; default: the folder's.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a config that is there.")] = False,
) -> None:
    """Write a commented holdfast.toml by looking at your files."""
    from pipelines import commands

    commands.init(folder, name, force)


@app.command()
def check(config: Config = HERE, allow: Allow = None, as_json: Json = False) -> None:
    """The data report: usable or not, what is missing, what to fix."""
    from pipelines import commands

    commands.check(config, allow or [], as_json)


@app.command()
def run(config: Config = HERE, as_of: AsOf = None, allow: Allow = None, as_json: Json = False) -> None:
    """Features, training, judging, promotion, scoring, publishing."""
    from pipelines import commands

    commands.run(config, as_of, allow or [], as_json)


@app.command()
def features(
    config: Config = HERE,
    as_of: AsOf = None,
    allow: Allow = None,
    listed: Annotated[
        bool,
        typer.Option(
            "--list",
            help="Build nothing; list every feature and, where there is a config, whether it is computed, or why not.",
        ),
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Read and check every row anew, whatever earlier builds have left.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Step 1 of a run: read the tables, build features and labels. Or, with --list, the catalogue of features."""
    if listed:
        from pipelines.feature_list import list_features

        list_features(None if config == HERE and not HERE.is_file() else config, as_json)
    else:
        from pipelines import commands

        commands.features(config, as_of, allow or [], as_json, rebuild)


@app.command()
def train(config: Config = HERE, as_of: AsOf = None) -> None:
    """Step 2 of a run: train, judge and promote or refuse."""
    from pipelines import commands

    commands.train(config, as_of)


@app.command()
def score(config: Config = HERE, as_of: AsOf = None) -> None:
    """Step 3 of a run: probabilities and reasons from the champions."""
    from pipelines import commands

    commands.score(config, as_of)


@app.command()
def publish(config: Config = HERE, as_of: AsOf = None) -> None:
    """Step 4 of a run: the list, all of it or nothing."""
    from pipelines import commands

    commands.publish(config, as_of)


@app.command()
def explain(
    account: Annotated[str, typer.Argument(help="An account_id of the list.")],
    config: Config = HERE,
    as_of: AsOf = None,
    as_json: Json = False,
    brief: Annotated[bool, typer.Option("--brief", help="One page for a meeting, with questions to ask.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --brief: write it as a page, to print or to send.")
    ] = None,
) -> None:
    """One account: scores, reasons, the rows behind them, what changed; or a brief of it."""
    if brief or html is not None:
        from pipelines import brief as briefing

        briefing.brief(account, config, as_of, html, as_json)
    else:
        from pipelines import explaining

        explaining.explain(account, config, as_of, as_json)


@app.command()
def metrics(config: Config = HERE, as_json: Json = False) -> None:
    """How good the current champions are, beside the baselines."""
    from pipelines import model_commands

    model_commands.metrics(config, as_json)


@app.command()
def models(config: Config = HERE, as_json: Json = False) -> None:
    """Every model that was trained: version, decision and why."""
    from pipelines import model_commands

    model_commands.models(config, as_json)


@app.command()
def leakcheck(config: Config = HERE, as_of: AsOf = None, allow: Allow = None, as_json: Json = False) -> None:
    """Look for leaks: features that see the future, columns written after the outcome, rows that judge themselves."""
    from pipelines import leakcheck as guards

    guards.leakcheck(config, as_of, allow or [], as_json)


@app.command()
def yardsticks(
    scenario: Annotated[str, typer.Option(help="The setting: software, service_contract, cable or car.")],
    accounts: Annotated[int, typer.Option(min=200, help="How many accounts the company has.")] = 2000,
    reachable: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Accounts of the larger company that shows how far data like this can lead; default: ten times "
            "--accounts; 0 leaves it out.",
        ),
    ] = None,
    futures: Annotated[int, typer.Option(min=2, help="Simulated for each true probability.")] = 64,
    explained: Annotated[int, typer.Option(min=1, help="Accounts whose true drivers are worked out.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
    folder: Annotated[Path, typer.Option(help="Where the companies and the results go, by scenario.")] = Path(
        "yardsticks"
    ),
    leaks: Annotated[bool, typer.Option(help="Also plant leaks, and see which guard catches each.")] = True,
    stability: Annotated[
        int,
        typer.Option(min=0, help="Teach each model anew on so many draws of accounts, and see which reasons survive."),
    ] = 0,
    as_json: Json = False,
) -> None:
    """Simulate a company, and say how near its models and reasons come to the truth."""
    from pipelines.yardsticks import command

    larger = 10 * accounts if reachable is None else reachable
    plan = command.plan(scenario, accounts, larger, futures, explained, seed, folder, leaks, stability)
    command.yardsticks(plan, as_json)


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and ends the process with its exit code."""
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        app(args=arguments)
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        typer.echo(f"error: {error}", err=True)
        sys.exit(code)


def _exit_code(error: Exception) -> int | None:
    """The exit code of an error that Holdfast raised on purpose; None for any other."""
    from features.errors import HoldfastError, InputError
    from models.scorer import ScorerError

    if isinstance(error, ScorerError):  # travels with the models, and so knows nothing of the project's errors
        return InputError.exit_code
    return error.exit_code if isinstance(error, HoldfastError) else None


if __name__ == "__main__":
    main()
