using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Tests.Engine;

public sealed class BatchTests
{
    [Fact]
    public void Logits_are_numbered_in_the_order_asked()
    {
        var batch = new Batch(3);

        Assert.Equal(-1, batch.Add(sequence: 0, position: 0, token: 5));
        Assert.Equal(0, batch.Add(sequence: 0, position: 1, token: 6, logits: true));
        Assert.Equal(1, batch.Add(sequence: 4, position: 0, token: 7, logits: true));

        Assert.Equal(2, batch.LogitsCount);
        Assert.Equal(new BatchRow(4, 0, 7, 1), batch.Rows[2]);
    }

    [Fact]
    public void A_full_batch_refuses_and_a_cleared_one_starts_over()
    {
        var batch = new Batch(1);
        batch.Add(0, 0, 1, logits: true);

        Assert.Throws<InvalidOperationException>(() => batch.Add(0, 1, 2));

        batch.Clear();
        Assert.Equal(0, batch.Count);
        Assert.Equal(0, batch.Add(0, 0, 1, logits: true));
    }
}
