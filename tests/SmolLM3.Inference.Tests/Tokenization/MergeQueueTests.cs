using CsCheck;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class MergeQueueTests
{
    [Fact]
    public void Entries_come_out_by_rank_then_position() => Gen.Select(Gen.Int[0, 20], Gen.Int[0, 1000]).Array[0, 200]
        .Sample(entries =>
        {
            using var queue = new MergeQueue(1);
            foreach ((int rank, int position) in entries)
            {
                queue.Push(rank, position);
            }

            var taken = new List<(int, int)>();
            while (queue.TryPop(out int rank, out int position))
            {
                taken.Add((rank, position));
            }

            Assert.Equal(entries.Order(), taken);
        });

    [Fact]
    public void Taking_and_adding_may_alternate()
    {
        using var queue = new MergeQueue(2);
        queue.Push(5, 1);
        queue.Push(7, 2);

        Assert.True(queue.TryPop(out int rank, out _));
        Assert.Equal(5, rank);

        queue.Push(3, 4);
        Assert.True(queue.TryPop(out rank, out int position));
        Assert.Equal((3, 4), (rank, position));
        Assert.True(queue.TryPop(out rank, out _));
        Assert.Equal(7, rank);
        Assert.False(queue.TryPop(out _, out _));
    }
}
