using SmolLM3.Inference.Managed.Steps;

namespace SmolLM3.Inference.Tests.Managed.Adapters;

public sealed class LoraSharesTests
{
    [Theory]
    [InlineData(1, 1, 2048)]
    [InlineData(1, 2, 70)]
    [InlineData(3, 2, 88)]
    [InlineData(8, 2, 16)]
    [InlineData(100, 3, 1)]
    public void Shares_are_every_output_of_every_row_once(int rows, int workers, int width)
    {
        LoraShares shares = LoraShares.Of(rows, workers);
        int[,] seen = new int[rows, width];
        for (int share = 0; share < shares.Count; share++)
        {
            RowRange range = shares.RowsOf(share), columns = shares.ColumnsOf(share, width);
            for (int row = range.First; row < range.End; row++)
            {
                for (int column = columns.First; column < columns.End; column++)
                {
                    seen[row, column]++;
                }
            }
        }

        Assert.All(seen.Cast<int>(), times => Assert.Equal(1, times));
        Assert.True(shares.Count >= Math.Min(workers * 4, rows));
    }
}
