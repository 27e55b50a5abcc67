using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>How many rows a step may have, learned from steps.</summary>
public sealed class StepPaceTests
{
    private static readonly TimeSpan s_target = TimeSpan.FromMilliseconds(250);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(70, 12)]
    [InlineData(0.1, 0.2)]
    public void Steps_come_to_take_as_long_as_they_should(double once, double perRow)
    {
        var pace = new StepPace(s_target, int.MaxValue, maxRows: 512);
        TimeSpan Take(bool isMixed)
        {
            TimeSpan elapsed = TimeSpan.FromMilliseconds(once + (perRow * pace.Rows(isMixed)));
            pace.Learn(isMixed, pace.Rows(isMixed), elapsed);
            return elapsed;
        }

        for (int i = 0; i < 30; i++)
        {
            Take(isMixed: true);
            Take(isMixed: false);
        }

        bool isFast = once + (512 * perRow) < 250;
        Assert.Equal(isFast ? 512 : (250 - once) / perRow, pace.Rows(isMixed: true), tolerance: 1.5);
        Assert.Equal(Math.Min(512, (1000 - once) / perRow), pace.Rows(isMixed: false), tolerance: 1.5);
    }

    [Fact]
    public void A_small_step_says_nothing_of_a_larger_one()
    {
        var pace = new StepPace(s_target, int.MaxValue, maxRows: 512);
        int rows = pace.Rows(isMixed: true);
        pace.Learn(isMixed: true, rows - 1, TimeSpan.FromMilliseconds(1));
        Assert.Equal(rows, pace.Rows(isMixed: true));

        pace.Learn(isMixed: true, rows - 1, TimeSpan.FromSeconds(1));
        Assert.True(pace.Rows(isMixed: true) < rows);
    }

    [Fact]
    public void One_step_changes_little()
    {
        var pace = new StepPace(s_target, int.MaxValue, maxRows: 512);
        int rows = pace.Rows(isMixed: true);
        pace.Learn(isMixed: true, rows, TimeSpan.FromMinutes(1));
        Assert.InRange(pace.Rows(isMixed: true), rows / 2, rows);
        pace.Learn(isMixed: true, rows, TimeSpan.Zero);
        Assert.InRange(pace.Rows(isMixed: true), rows / 2, 2 * rows);
    }
}
