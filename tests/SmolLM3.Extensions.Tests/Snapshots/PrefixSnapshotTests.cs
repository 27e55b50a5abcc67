using System.Buffers;
using CsCheck;
using SmolLM3.Extensions.Snapshots;
using static SmolLM3.Extensions.Tests.Snapshots.SnapshotModel;

namespace SmolLM3.Extensions.Tests.Snapshots;

public sealed class PrefixSnapshotTests
{
    private const int VersionAt = 8, OriginBytesAt = 12, TokensAt = 16, StateBytesAt = 20;

    [Fact]
    public async Task What_was_saved_is_known_to_another_model_in_memory()
    {
        await using SnapshotModel model = new();
        SmolLM3PrefixSnapshot restored = await model.RestoreAsync(await SnapshotAsync());
        Assert.Equal(Prompt.Length, restored.TokenCount);
        Assert.Equal(Prompt.Length, await model.AnswerAsync([.. Prompt, 30, 31]));
        Assert.Equal(Prompt.Length, await model.AnswerAsync([.. Prompt, 5]));
    }

    [Fact]
    public async Task Snapshots_may_stand_one_after_another_in_a_stream()
    {
        await using SnapshotModel model = new();
        MemoryStream stream = new([.. await SnapshotAsync(), .. await model.SaveAsync([9, 8, 7]), 1, 2, 3]);
        Assert.Equal(Prompt.Length, (await model.RestoreAsync(stream)).TokenCount);
        Assert.Equal(3, (await model.RestoreAsync(stream)).TokenCount);
        Assert.Equal(stream.Length - 3, stream.Position);
    }

    [Fact]
    public async Task Any_flipped_bit_is_refused()
    {
        byte[] snapshot = await SnapshotAsync();
        await using SnapshotModel model = new();
        await Gen.Select(Gen.Int[0, snapshot.Length - 1], Gen.Int[0, 7]).SampleAsync(async (at, bit) =>
        {
            byte[] damaged = [.. snapshot];
            damaged[at] ^= (byte)(1 << bit);
            await model.RefuseAsync(damaged, at switch
            {
                < VersionAt => [PrefixSnapshotProblem.NotASnapshot],
                < OriginBytesAt => [PrefixSnapshotProblem.OtherVersion],
                >= SnapshotFormat.HeadBytes => [PrefixSnapshotProblem.Damaged],

                // Sizes: other bytes are then taken for the checksum, or there are too few.
                _ => [PrefixSnapshotProblem.Damaged, PrefixSnapshotProblem.Truncated, PrefixSnapshotProblem.TooLong],
            });
        });
        Assert.Equal(Prompt.Length, (await model.RestoreAsync(snapshot)).TokenCount);
    }

    [Fact]
    public async Task Cut_short_anywhere_it_is_called_truncated()
    {
        byte[] snapshot = await SnapshotAsync();
        await using SnapshotModel model = new();
        for (int length = 0; length < snapshot.Length; length++)
        {
            await model.RefuseAsync(snapshot[..length], PrefixSnapshotProblem.Truncated);
        }
    }

    [Fact]
    public async Task Something_else_is_told_from_a_snapshot()
    {
        await using SnapshotModel model = new();
        await model.RefuseAsync("hello"u8.ToArray(), PrefixSnapshotProblem.NotASnapshot);
        await model.RefuseAsync(new byte[10_000], PrefixSnapshotProblem.NotASnapshot);
    }

    [Fact]
    public async Task Another_version_is_refused_with_both_numbers()
    {
        byte[] snapshot = await SnapshotAsync();
        snapshot[VersionAt] = 7;
        await using SnapshotModel model = new();
        PrefixSnapshotException error = await model.RefuseAsync(snapshot, PrefixSnapshotProblem.OtherVersion);
        Assert.Contains("version 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("version 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_model_or_engine_is_refused_before_the_state_is_read()
    {
        byte[] snapshot = await SnapshotAsync();
        int header = SnapshotFormat.HeadBytes + Origin.ToString().Length + (Prompt.Length * sizeof(int))
            + SnapshotFormat.SumBytes;

        await using SnapshotModel other = new(Origin with { Fingerprint = "fedcba9876543210" });
        PrefixSnapshotException error =
            await other.RefuseAsync(snapshot[..header], PrefixSnapshotProblem.OtherModel);
        Assert.Contains("0123456789abcdef", error.Message, StringComparison.Ordinal);
        Assert.Contains("fedcba9876543210", error.Message, StringComparison.Ordinal);

        await using SnapshotModel quantized = new(Origin with { Engine = "fake none, Q8_0" });
        error = await quantized.RefuseAsync(snapshot[..header], PrefixSnapshotProblem.OtherEngine);
        Assert.Contains("Q8_0", error.Message, StringComparison.Ordinal);
        Assert.Contains("F16", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokensAt, int.MaxValue, PrefixSnapshotProblem.TooLong)]
    [InlineData(TokensAt, 64, PrefixSnapshotProblem.TooLong)]
    [InlineData(TokensAt, 0, PrefixSnapshotProblem.Damaged)]
    [InlineData(TokensAt, -1, PrefixSnapshotProblem.Damaged)]
    [InlineData(OriginBytesAt, int.MaxValue, PrefixSnapshotProblem.Damaged)]
    [InlineData(OriginBytesAt, -1, PrefixSnapshotProblem.Damaged)]
    [InlineData(StateBytesAt + 4, int.MinValue, PrefixSnapshotProblem.Damaged)]
    public async Task Sizes_that_cannot_be_are_refused_by_the_first_bytes(
        int at, int size, PrefixSnapshotProblem problem)
    {
        byte[] snapshot = await SnapshotAsync();
        BitConverter.TryWriteBytes(snapshot.AsSpan(at), size);
        await using SnapshotModel model = new();
        MemoryStream stream = new(snapshot);
        await model.RefuseAsync(stream, problem);
        Assert.Equal(SnapshotFormat.HeadBytes, stream.Position);
    }

    [Fact]
    public async Task A_state_larger_than_any_can_be_is_not_read_though_the_checksum_is_right()
    {
        await using SnapshotModel model = new();
        MemoryStream stream = new();
        await SnapshotWriter.WriteAsync(Origin, [1, 2, 3], new(new byte[100_000]), stream, default);
        stream.Position = 0;
        await model.RefuseAsync(stream, PrefixSnapshotProblem.Damaged);
        Assert.InRange(stream.Position, SnapshotFormat.HeadBytes, 200);
    }

    [Fact]
    public async Task What_the_engine_cannot_use_is_refused_though_the_checksums_are_right()
    {
        await using SnapshotModel model = new();
        (int[] Tokens, int[] State)[] wrong =
        [
            ([1, 2, 3], [3, 1, 2, 999]), // a state the engine cannot read
            ([1, 2, 3], [2, 1, 2]), // one of another length
            ([1, 2, 32], [3, 1, 2, 3]), // a token outside the vocabulary
            ([1, 2, -1], [3, 1, 2, 3]),
        ];
        foreach ((int[] tokens, int[] state) in wrong)
        {
            MemoryStream stream = new();
            ReadOnlySequence<byte> bytes = new([.. state.SelectMany(BitConverter.GetBytes)]);
            await SnapshotWriter.WriteAsync(Origin, [.. tokens], bytes, stream, default);
            await model.RefuseAsync(stream.ToArray(), PrefixSnapshotProblem.Damaged);
        }

        Assert.Equal(0, await model.AnswerAsync([1, 2, 3, 4]));
    }

    [Fact]
    public async Task A_snapshot_as_long_as_the_context_is_refused_and_one_token_less_is_not()
    {
        byte[] snapshot = await SnapshotAsync();
        await using SnapshotModel small = new(context: Prompt.Length);
        PrefixSnapshotException error = await small.RefuseAsync(snapshot, PrefixSnapshotProblem.TooLong);
        Assert.Contains("20", error.Message, StringComparison.Ordinal);
        await using SnapshotModel enough = new(context: Prompt.Length + 1);
        await enough.RestoreAsync(snapshot);
    }

    [Fact]
    public async Task With_every_slot_in_use_there_is_no_room_until_one_is_free()
    {
        byte[] snapshot = await SnapshotAsync();
        await using SnapshotModel model = new(sequences: 1);
        using SemaphoreSlim stepping = new(0), go = new(0);
        model.Engine.OnForward = _ =>
        {
            stepping.Release();
            go.Wait();
        };
        Task<int> running = model.AnswerAsync([1]);
        await stepping.WaitAsync();
        Task<SmolLM3PrefixSnapshot> restoring = model.RestoreAsync(snapshot);
        go.Release(1_000);
        PrefixSnapshotException error = await Assert.ThrowsAsync<PrefixSnapshotException>(() => restoring);
        Assert.Equal(PrefixSnapshotProblem.NoRoom, error.Problem);

        await running;
        await model.RestoreAsync(snapshot);
        Assert.Equal(Prompt.Length, await model.AnswerAsync([.. Prompt, 1]));
    }

    [Fact]
    public async Task Requests_snapshots_and_restores_at_once_do_not_disturb_each_other()
    {
        // A slot more than can run, so that there is always one to restore into.
        await using SnapshotModel model = new(sequences: 17), other = new(sequences: 17);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(async () =>
        {
            int[] prompt = [.. Enumerable.Range(i % 5, 5 + (i % 9))];
            switch (i % 3)
            {
                case 0:
                    await model.AnswerAsync(prompt, seed: i);
                    break;
                case 1:
                    await other.RestoreAsync(await model.SaveAsync(prompt));
                    break;
                default:
                    await model.RestoreAsync(await other.SaveAsync(prompt));
                    break;
            }
        })));
        model.Engine.CheckIntegrity();
        other.Engine.CheckIntegrity();
        for (int i = 0; i < 45; i++)
        {
            await model.AnswerAsync(Enumerable.Range(i % 5, 6 + (i % 9)));
            await other.AnswerAsync(Enumerable.Range(i % 5, 6 + (i % 9)));
        }
    }

    [Fact]
    public async Task What_saving_throws_reaches_its_caller_and_nobody_else()
    {
        await using SnapshotModel model = new();
        model.Engine.OnSave = () => throw new NotSupportedException("cannot save");
        await Assert.ThrowsAsync<NotSupportedException>(() => model.SaveAsync(Prompt));
        await model.AnswerAsync(Prompt);
        await Assert.ThrowsAsync<PromptTooLongException>(() => model.SaveAsync(new int[64]));
    }

    [Fact]
    public async Task A_generator_that_is_not_in_this_process_saves_nothing()
    {
        ClientHarness harness = new("Hello");
        await Assert.ThrowsAsync<NotSupportedException>(() => harness.Client.SavePrefixAsync([], null, Stream.Null));
        await Assert.ThrowsAsync<NotSupportedException>(() => harness.Client.RestorePrefixAsync(Stream.Null));
    }
}
