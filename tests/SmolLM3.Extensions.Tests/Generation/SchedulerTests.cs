using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Tests.Generation;

public sealed class SchedulerTests
{
    [Fact]
    public void Requests_start_in_order_of_arrival_as_far_as_slots_go()
    {
        Scheduler scheduler = With(maxRunning: 2, maxRows: 100);
        Sequence[] sequences = [Make(1, 5), Make(2, 5), Make(3, 5)];
        scheduler.Enqueue(sequences[2]);
        scheduler.Enqueue(sequences[0]);
        scheduler.Enqueue(sequences[1]);

        Assert.Equal([1, 2], StartAll(scheduler).Select(sequence => sequence.Number));
        Assert.Same(sequences[2], Assert.Single(scheduler.Waiting));

        scheduler.Remove(sequences[0]);
        Assert.Same(sequences[2], Assert.Single(StartAll(scheduler)));
    }

    [Fact]
    public void A_newcomer_is_not_held_up_by_a_long_prompt()
    {
        Scheduler scheduler = With(maxRunning: 4, maxRows: 10, Make(1, 25), Make(2, 5));

        Assert.Equal(2, StartAll(scheduler).Count);
        Assert.Equal([5, 5], Plan(scheduler));
    }

    [Fact]
    public void Who_begins_like_a_prompt_in_progress_waits_for_that_part_and_lets_others_pass()
    {
        Sequence first = Make(1, 100);
        Scheduler scheduler = With(maxRunning: 4, maxRows: 40, first, Make(2, 60, token: 1), Make(3, 100));

        Assert.Equal([1, 3], StartAll(scheduler).Select(sequence => sequence.Number));
        for (int step = 0; step < 3; step++)
        {
            // 20 of each, and 59 are shared.
            Assert.Empty(StartAll(scheduler));
            Plan(scheduler);
        }

        Assert.Equal([2], StartAll(scheduler).Select(sequence => sequence.Number));
    }

    [Fact]
    public void Who_waits_for_a_common_part_is_passed_over_so_often_only()
    {
        Scheduler scheduler = With(maxRunning: 2, maxRows: 40, Make(1, 100), Make(2, 60, token: 1));
        int passed = 0;
        while (StartAll(scheduler) is [.., { Number: not 2 } other])
        {
            if (other.Number != 1)
            {
                scheduler.Remove(other);
                passed++;
            }

            Assert.InRange(passed, 0, 100);
            scheduler.Enqueue(Make(passed + 3, 10));
        }

        Assert.Equal(32, passed);
    }

    [Fact]
    public void No_more_run_than_a_step_has_rows()
    {
        Scheduler scheduler = With(maxRunning: 8, maxRows: 3, [.. Enumerable.Range(1, 5).Select(i => Make(i, 1))]);

        Assert.Equal(3, StartAll(scheduler).Count);
        Assert.Equal([1, 1, 1], Plan(scheduler));
        Assert.Null(scheduler.FindNext(_ => true));
    }

    [Fact]
    public void Everyone_gets_a_row_and_the_rest_is_shared_evenly()
    {
        Scheduler scheduler = With(maxRunning: 4, maxRows: 20, Make(1, 1), Make(2, 10), Make(3, 50));
        StartAll(scheduler);

        Assert.Equal([1, 10, 9], Plan(scheduler));
    }

    [Fact]
    public void Beside_a_stream_prompts_come_in_small_pieces()
    {
        Sequence stream = Make(1, 1);
        Scheduler scheduler = With(maxRunning: 4, maxRows: 20, stream, Make(2, 30), Make(3, 30));
        StartAll(scheduler);
        Plan(scheduler);
        stream.Append(7, null);

        Assert.Equal([1, 4, 3], Plan(scheduler));
        stream.Append(7, null);
        Assert.Equal([1, 4, 3], Plan(scheduler));
    }

    [Fact]
    public void Prompts_get_some_rows_however_many_are_being_answered()
    {
        Sequence[] streams = [.. Enumerable.Range(1, 12).Select(i => Make(i, 1))];
        Scheduler scheduler = With(maxRunning: 16, maxRows: 40, [.. streams, Make(13, 60)]);
        StartAll(scheduler);
        Plan(scheduler);
        Array.ForEach(streams, stream => stream.Append(7, null));

        Assert.Equal(7, Plan(scheduler)[^1]);
    }

    [Fact]
    public void The_youngest_is_parked_and_comes_back_in_its_old_place_once_there_is_room()
    {
        Sequence[] sequences = [Make(1, 2), Make(2, 2), Make(3, 2)];
        Scheduler scheduler = With(maxRunning: 3, maxRows: 20, sequences);
        StartAll(scheduler);
        scheduler.Enqueue(Make(4, 2));

        Assert.Same(sequences[2], Park(scheduler));
        Assert.Same(sequences[1], Park(scheduler));
        Assert.Null(scheduler.ParkYoungest());
        Assert.Equal([2, 3, 4], scheduler.Waiting.Select(sequence => sequence.Number));
        Assert.Null(scheduler.FindNext(_ => false));

        Assert.Equal([2, 3], StartAll(scheduler).Select(sequence => sequence.Number));
    }

    [Fact]
    public void Who_would_run_alone_starts_whatever_the_room()
    {
        Scheduler scheduler = With(maxRunning: 3, maxRows: 20, Make(1, 2), Make(2, 2));

        Assert.Equal([1], StartAll(scheduler, _ => false).Select(sequence => sequence.Number));
    }

    [Fact]
    public void Who_finds_no_room_lets_others_pass_but_not_for_ever()
    {
        Scheduler scheduler = With(maxRunning: 3, maxRows: 20, Make(1, 2), Make(2, 90));
        StartAll(scheduler, HasRoom);
        int passed = 0;
        for (; passed < 100; passed++)
        {
            scheduler.Enqueue(Make(passed + 3, 2));
            if (StartAll(scheduler, HasRoom) is not [{ } started])
            {
                break;
            }

            scheduler.Remove(started);
        }

        Assert.Equal(32, passed);
        Assert.Equal(2, StartAll(scheduler)[0].Number);

        static bool HasRoom(Sequence sequence) => sequence.PromptLength < 50;
    }

    private static Sequence Make(long number, int promptLength, int? token = null) => new(
        number,
        LoopHarness.Request(Enumerable.Repeat(token ?? (int)number, promptLength)),
        contextLength: 1000,
        seed: 1,
        new TokenStream(CancellationToken.None))
    {
        Times = new(arrived: 0),
    };

    private static Scheduler With(int maxRunning, int maxRows, params Sequence[] sequences)
    {
        var scheduler = new Scheduler(
            maxRunning, maxRows, new StepPace(TimeSpan.FromSeconds(1), maxMixedRows: 8, maxRows));
        Array.ForEach(sequences, scheduler.Enqueue);
        return scheduler;
    }

    private static List<Sequence> StartAll(Scheduler scheduler, Func<Sequence, bool>? hasRoom = null)
    {
        List<Sequence> started = [];
        while (scheduler.FindNext(hasRoom ?? (_ => true)) is { } next)
        {
            scheduler.Start(next);
            next.Start(slot: (int)next.Number, stored: 0);
            started.Add(next);
        }

        scheduler.CheckIntegrity();
        return started;
    }

    private static Sequence? Park(Scheduler scheduler)
    {
        Sequence? parked = scheduler.ParkYoungest();
        parked?.Stop();
        scheduler.CheckIntegrity();
        return parked;
    }

    /// <summary>Plans a step and does it.</summary>
    private static int[] Plan(Scheduler scheduler)
    {
        List<Share> shares = [];
        scheduler.Plan(shares);
        shares.ForEach(share => share.Sequence.Advance(share.Rows));
        return [.. shares.Select(share => share.Rows)];
    }
}
