using SmolLM3.TinyModelTests.Soak;

namespace SmolLM3.TinyModelTests;

/// <summary>Many random requests at once, on real weights; <c>tests/SmolLM3.Benchmarks -- soak</c> asks more.</summary>
[Collection(nameof(Alone))]
public class SoakTests
{
    /// <summary>The heap is that of the whole process: other tests would be counted.</summary>
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public class Alone;

    private const int MostShown = 5;

    // What 667 requests could leave behind: less than 3 KB each.
    private const long MostGrowth = 2_000_000;

    [Fact]
    public async Task A_thousand_random_requests_each_end_once_and_leave_nothing_behind()
    {
        SoakResult result = await new SoakRun(seed: 1).RunAsync(1_000, patience: TimeSpan.FromMinutes(10));

        Assert.True(result.Complaints.Count == 0, string.Join('\n', result.Complaints.Take(MostShown)));
        Assert.Equal(1_000, result.Outcomes.Values.Sum());
        Assert.Equal(Enum.GetValues<SoakOutcome>(), result.Outcomes.Keys.Order());
        Assert.True(result.Parked > 0 && result.Evicted > 0, "There was room for all: nothing had to make way.");
        Assert.True(
            result.HeapAtEnd - result.HeapAfterThird < MostGrowth,
            $"After a third {result.HeapAfterThird:N0} bytes were alive, at the end {result.HeapAtEnd:N0}.");
    }
}
