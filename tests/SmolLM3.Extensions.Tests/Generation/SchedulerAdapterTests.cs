using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>Whose turn it is on an engine that computes one set of adapters at a time.</summary>
public sealed class SchedulerAdapterTests
{
    [Fact]
    public void Sets_take_turns_and_those_of_one_set_go_together()
    {
        Scheduler scheduler = With(Make(1, 0), Make(2, 1), Make(3, 0), Make(4, 2));
        Assert.Equal(["1 3", "2", "4", "1 3", "2", "4"], Steps(scheduler, 6));
    }

    [Fact]
    public void Newcomers_wait_for_their_turn()
    {
        Scheduler scheduler = With(Make(1, 0), Make(2, 1));
        Assert.Equal(["1", "2"], Steps(scheduler, 2));
        List<string> steps = [];
        for (int number = 3; number < 13; number++)
        {
            scheduler.Enqueue(Make(number, 0));
            steps.AddRange(Steps(scheduler, 1));
        }

        Assert.Equal(5, steps.Count(step => step == "2"));
    }

    [Fact]
    public void A_set_gets_the_rows_of_a_whole_step()
    {
        Scheduler scheduler = With(Make(1, 0, 50), Make(2, 1, 50));
        List<Share> shares = [];
        StartAll(scheduler);
        scheduler.Plan(shares);
        Assert.Equal(20, Assert.Single(shares).Rows);
    }

    [Fact]
    public void Where_sets_mix_all_go_together()
    {
        Scheduler scheduler = new(8, 20, Pace());
        Array.ForEach([Make(1, 0), Make(2, 1)], scheduler.Enqueue);
        Assert.Equal(["1 2", "1 2"], Steps(scheduler, 2));
    }

    private static Scheduler With(params Sequence[] sequences)
    {
        Scheduler scheduler = new(16, 20, Pace(), mixesAdapters: false);
        Array.ForEach(sequences, scheduler.Enqueue);
        return scheduler;
    }

    private static StepPace Pace() => new(TimeSpan.FromSeconds(1), maxMixedRows: 20, maxRows: 20);

    private static Sequence Make(int number, int set, int promptLength = 1) => new(
        number,
        LoopHarness.Request(Enumerable.Repeat(number, promptLength)) with
        {
            Adapters = set == 0 ? AdapterSet.None : new(new AdapterUse(set, 1)),
        },
        contextLength: 1000,
        seed: 1,
        new TokenStream(CancellationToken.None))
    {
        Times = new(arrived: 0),
    };

    private static void StartAll(Scheduler scheduler)
    {
        while (scheduler.FindNext(_ => true) is { } next)
        {
            scheduler.Start(next);
            next.Start(slot: (int)next.Number, stored: 0);
        }
    }

    private static List<string> Steps(Scheduler scheduler, int count)
    {
        List<string> steps = [];
        List<Share> shares = [];
        for (; count > 0; count--)
        {
            StartAll(scheduler);
            scheduler.Plan(shares);
            steps.Add(string.Join(' ', shares.Select(share => share.Sequence.Number)));
            scheduler.CheckIntegrity();
        }

        return steps;
    }
}
