using CsCheck;
using SmolLM3.Inference.Managed.Steps;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class HalvingSharesTests
{
    [Fact]
    public void Shares_follow_each_other_and_cover_all() =>
        Gen.Select(Gen.Int[1, 9000], Gen.Long[1, 1L << 30], Gen.Int[1, 600], Gen.Int[1, 64]).Sample(
            (panels, bytes, rows, workers) =>
            {
                HalvingShares shares = HalvingShares.Of(panels, bytes, rows, workers);
                int next = 0;
                for (int share = 0; share < shares.Count; share++)
                {
                    RowRange range = shares.Get(share);
                    Assert.Equal(next, range.First);
                    Assert.True(range.End >= range.First);
                    next = range.End;
                }

                Assert.Equal(panels, next);
            });

    [Fact]
    public void The_first_round_is_half_and_the_last_is_short()
    {
        HalvingShares shares = HalvingShares.Of(panels: 688, bytes: 25 << 20, batchRows: 1, workers: 2);
        Assert.Equal(new RowRange(0, 172), shares.Get(0));
        Assert.Equal(new RowRange(172, 344), shares.Get(1));
        Assert.InRange(shares.Get(shares.Count - 1).Count, 1, 688 / 32);
    }

    [Fact]
    public void Rows_of_a_matrix_end_where_it_ends()
    {
        RowRange panels = new(3, 6);
        Assert.Equal(new RowRange(48, 90), panels.RowsOf(rows: 90, firstPanel: 0));
        Assert.Equal(0, panels.RowsOf(rows: 40, firstPanel: 0).Count);
        Assert.Equal(new RowRange(0, 16), panels.RowsOf(rows: 100, firstPanel: 5));
    }
}
