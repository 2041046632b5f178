import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import pytest

import config
from core import artifacts
from core.dataset import with_derived, with_tickets
from core.dataset.demo import generate
from core.errors import (
    ArtifactCorruptError,
    ArtifactIncompatibleError,
    ArtifactNotFoundError,
    SchemaError,
)
from core.tickets.corpus import prepare
from core.tickets.predict import load_model
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets

FRAME = some_tickets(400)
CPU_TICKET = "the scheduler is slow and every process stuck"
BUSY_TICKET = f"{CPU_TICKET} load spinning cores throttled"


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name in ("logistic", "linear_svm", "random_forest", "xgboost"):
        report = train(FRAME, folder, candidates=[name])
    artifacts.activate(folder, "tickets", "v0001")
    assert report.version == "v0004"
    return folder


@pytest.fixture(scope="module")
def model(models_dir):
    return load_model(models_dir)


class Bomb:
    """A pickle that leaves a mark where it is opened."""

    def __init__(self, crater):
        self.crater = crater

    def __reduce__(self):
        return self.crater.mkdir, ()


every_kind = pytest.mark.parametrize("version", ["v0001", "v0002", "v0003", "v0004"])


@every_kind
def test_a_ticket_gets_its_category_its_words_and_its_numbers(models_dir, version):
    found = load_model(models_dir, version).predict(BUSY_TICKET, {"cpu_usage": 97.0}, top_k=2)
    assert found.category == "Performance-CPU"
    assert found.top[0].category == found.category
    assert found.top[0].probability == found.confidence > found.top[1].probability
    assert len(found.top) == 2
    assert {"slow", "stuck", "process", "scheduler"} & {word.term for word in found.words}
    for word in found.words:
        for start, end in word.spans:
            assert BUSY_TICKET[start:end].lower().split()[0] == word.term.split()[0]
    (cpu,) = found.inputs
    assert (cpu.name, cpu.value) == ("cpu_usage", 97.0)
    assert cpu.weight > 0
    assert found.inputs_used == ("cpu_usage",)
    assert found.inputs_missing == ("memory_usage", "cpu_mem_ratio", "task_type")
    assert found.model_version == version


def test_similar_tickets_come_with_their_label_and_nearest_first(model):
    text = FRAME.ticket_text[7]
    similar = model.predict(text, n_similar=4).similar
    assert similar[0].text == text
    assert similar[0].category == FRAME.ticket_category[7]
    assert similar[0].similarity == pytest.approx(1.0)
    assert [s.similarity for s in similar] == sorted((s.similarity for s in similar), reverse=True)
    assert len(similar) == 4


def test_a_missing_number_is_no_reason(model):
    found = model.predict(CPU_TICKET)
    assert found.inputs == ()
    assert found.inputs_used == ()
    assert "cpu_usage" in found.inputs_missing


def test_what_is_missing_is_imputed_as_trained(model):
    learnt = prepare(FRAME, (), 7).tickets.inputs.frame()
    median = float(learnt["cpu_usage"].median())
    usual = learnt.task_type.mode()[0]
    ratio = float((learnt["cpu_usage"] / learnt["memory_usage"]).median())
    typical = {
        "cpu_usage": median,
        "memory_usage": float(learnt["memory_usage"].median()),
        "cpu_mem_ratio": ratio,
        "task_type": usual,
    }
    missing, given = model.predict(CPU_TICKET), model.predict(CPU_TICKET, typical)
    assert missing.confidence == pytest.approx(given.confidence, abs=1e-6)


def test_the_spans_are_those_of_the_text_as_written(model):
    text = "SLOW, slow... Process stuck; İ slow process"
    words = {word.term: word for word in model.predict(text).words}
    assert words["slow"].spans[0] == (0, 4)
    assert all(text[a:b].lower() == "slow" for a, b in words["slow"].spans)
    assert len(words["slow"].spans) == 3


def test_demanding_more_precision_makes_more_tickets_unsure(model):
    frame = some_tickets(200, seed=5)
    shares = [model.predict_many(frame, precision=p).is_unsure.mean() for p in (0.0, 0.9, 0.97)]
    assert shares[0] < 0.02
    assert shares == sorted(shares)
    assert shares[-1] > 0.05
    one = frame.ticket_text[0]
    assert model.predict(one, precision=0.0).reason == ""
    assert not model.predict(one, precision=0.0).is_unsure


@every_kind
def test_a_batch_says_what_single_tickets_say(models_dir, version):
    model = load_model(models_dir, version)
    frame = some_tickets(40, seed=6)
    batch = model.predict_many(frame)
    for i in (0, 7, 39):
        row = frame.drop(columns=["ticket_text", "ticket_category"]).loc[i].dropna().to_dict()
        one = model.predict(frame.ticket_text[i], row)
        assert one.category == batch.categories[i]
        assert one.confidence == pytest.approx(batch.confidence[i], abs=1e-5)
        assert one.is_unsure == batch.is_unsure[i]


def test_a_long_batch_tells_how_far_it_is(model):
    frame = pd.DataFrame({"ticket_text": FRAME.ticket_text.tolist() * 13})
    seen = []
    model.predict_many(frame, progress=seen.append)
    assert seen == pytest.approx([2000 / 5200, 4000 / 5200, 1.0])


def test_an_empty_batch_has_no_answers(model):
    assert len(model.predict_many(pd.DataFrame({"ticket_text": []})).categories) == 0


def test_a_batch_without_text_is_refused(model):
    with pytest.raises(SchemaError, match="need a column ticket_text"):
        model.predict_many(pd.DataFrame({"message": ["x"]}))


@every_kind
@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "日本語 🙂",
        "\x00\ud800\x07",
        "<script>alert(1)</script>",
        "# **x**",
        "psu\n" * 250_000,
    ],
)
def test_odd_texts_get_an_honest_answer(models_dir, version, text):
    found = load_model(models_dir, version).predict(text)
    assert 0.0 < found.confidence <= 1.0
    if "psu" not in text:
        assert found.is_unsure
        assert found.reason.startswith("The model knows no word of this text")
        assert found.words == ()


def test_a_ticket_without_text_goes_to_a_person_however_telling_the_numbers_are(model):
    found = model.predict(" ", {"cpu_usage": 97.0}, precision=0.0)
    assert found.category == "Performance-CPU"
    assert found.is_unsure
    assert found.reason.startswith("The model knows no word of this text")
    frame = pd.DataFrame({"ticket_text": ["", CPU_TICKET], "cpu_usage": [97.0, 97.0]})
    assert model.predict_many(frame, precision=0.0).is_unsure.tolist() == [True, False]


@pytest.mark.parametrize("precision", [None, 0.0])
def test_a_text_unlike_all_that_was_learnt_goes_to_a_person_however_sure_the_model_is(precision):
    shipped = load_model(config.ROOT / "models")
    strange = [
        "please order new chairs for the meeting room",
        "the scanner of the second floor only makes blank pages",
        "outlook cannot send mails since this morning",
    ]
    for text in strange:
        found = shipped.predict(text, precision=precision)
        assert found.is_unsure
        assert found.reason.startswith("This reads like no ticket that the model learnt from")
        assert found.similar[0].similarity < 0.31
    frame = with_tickets(with_derived(generate(20_000, seed=99))).frame
    tickets = frame[frame["ticket_text"].fillna("") != ""]
    own = shipped.predict_many(tickets, precision=precision)
    assert own.is_familiar.mean() > 0.99
    asked = pd.DataFrame({"ticket_text": strange})
    assert shipped.predict_many(asked, precision=precision).is_unsure.all()


def test_telemetry_of_an_unknown_name_is_refused(model):
    with pytest.raises(SchemaError, match="'cpu' is not known"):
        model.predict("slow", {"cpu": 3.0})


def test_a_labelled_file_is_judged_and_unknown_categories_count_as_wrong(model):
    frame = some_tickets(200, seed=9)
    known = model.evaluate(frame)
    assert known.n_tickets == 200
    assert known.accuracy.value > 0.75
    frame.loc[:99, "ticket_category"] = "Plumbing"
    other = model.evaluate(frame)
    assert other.categories[-1] == "Plumbing"
    assert other.accuracy.value < 0.55


def test_threads_share_a_model(model):
    texts = FRAME.ticket_text[:60].tolist()
    alone = [model.predict(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(model.predict, texts)) == alone


def test_what_is_not_there_names_the_command(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match="python -m core tickets train"):
        load_model(tmp_path)


def test_a_changed_model_is_not_unpickled(models_dir, tmp_path):
    shutil.copytree(models_dir, tmp_path / "models")
    crater = tmp_path / "crater"
    bomb = tmp_path / "models" / "tickets" / "v0001" / "model.pkl"
    joblib.dump(Bomb(crater), bomb)
    with pytest.raises(ArtifactCorruptError, match=r"model\.pkl is not the file that was written"):
        load_model(tmp_path / "models")
    assert not crater.exists()
    joblib.load(bomb)
    assert crater.exists()


def test_a_model_of_another_layout_is_refused(tmp_path):
    def fill(folder):
        joblib.dump({"meta": {"layout": 99}}, folder / "model.pkl")
        (folder / "metrics.json").write_text(json.dumps({}))

    artifacts.write_version(
        tmp_path, "tickets", fill=fill, data_hash="", seed=1, columns=[], classes=[], window=None,
        horizon=None, thresholds={}, scores={}, baseline_scores={}, source="",
    )  # fmt: skip
    with pytest.raises(ArtifactIncompatibleError, match=r"layout is 99.*core tickets train"):
        load_model(tmp_path, "v0001")


def test_the_report_travels_with_the_model(model):
    assert model.report.best == "logistic"
    assert model.columns == ("cpu_usage", "memory_usage", "cpu_mem_ratio", "task_type")
    assert np.isclose(model.routing(0.0).coverage, 1.0)


def test_answers_of_a_file_follow_another_precision_without_being_asked_again(model):
    frame = some_tickets(60, seed=9)
    loose = model.predict_many(frame, precision=0.0)
    strict = loose.rerouted(model.routing(0.97))
    again = model.predict_many(frame, precision=0.97)
    assert strict.is_unsure.tolist() == again.is_unsure.tolist()
    assert strict.is_unsure.sum() > loose.is_unsure.sum()


def test_values_that_a_category_column_may_have_are_those_it_learnt_from(model):
    assert model.choices("task_type") == ("compute", "io", "network")
