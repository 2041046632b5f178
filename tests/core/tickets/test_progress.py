from core.tickets.progress import Stages


def test_fraction_follows_the_cost_of_what_is_done_and_what_is_left_can_be_corrected():
    told = []
    stages = Stages(20.0, told.append)
    stages.start("Reading")
    stages.finish(5.0)
    stages.start("Training")
    stages.finish(5.0)
    stages.expect(2.0)
    stages.start("Writing")
    stages.finish(2.0)
    stages.start("Done")
    assert [progress.message for progress in told] == ["Reading", "Training", "Writing", "Done"]
    assert [progress.fraction for progress in told] == [0.0, 0.25, 10 / 12, 1.0]
    assert told[0].seconds_left is None
    assert told[-1].seconds_left == 0.0
