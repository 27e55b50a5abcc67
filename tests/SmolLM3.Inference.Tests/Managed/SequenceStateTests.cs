using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class SequenceStateTests
{
    private static readonly int[] Prompt = EngineRuns.Tokens(23);

    [Fact]
    public void A_loaded_sequence_goes_on_as_the_saved_one_would_have_even_with_other_blocks()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        engine.Append(2, Prompt);
        byte[] saved = Save(engine, 2);
        float[][] expected = engine.Append(2, 7, 8, 9);

        using ManagedEngine other = EngineRuns.Create(TestModels.Small, blockTokens: 64);
        Assert.True(other.LoadSequence(0, new MemoryStream(saved)));
        Assert.Equal(Prompt.Length, other.GetLength(0));
        Assert.Equal(saved, Save(other, 0));

        using ManagedEngine same = EngineRuns.Create(TestModels.Small);
        Assert.True(same.LoadSequence(1, new MemoryStream(saved)));
        Assert.Equal(expected, same.Append(1, 7, 8, 9));
    }

    [Fact]
    public void Numbers_of_8_bits_are_saved_with_their_scales_and_only_loaded_as_such()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, kv: KvCacheType.Q8_0);
        engine.Append(2, Prompt);
        byte[] saved = Save(engine, 2);
        Assert.Equal(24 + (Prompt.Length * engine.Model.KvBytesPerToken) + 4, saved.Length);
        float[][] expected = engine.Append(2, 7, 8, 9);

        using ManagedEngine same = EngineRuns.Create(TestModels.Small, kv: KvCacheType.Q8_0);
        Assert.True(same.LoadSequence(1, new MemoryStream(saved)));
        Assert.Equal(expected, same.Append(1, 7, 8, 9));

        using ManagedEngine halves = EngineRuns.Create(TestModels.Small);
        Refuse(halves, saved, "Q8_0");
    }

    [Theory]
    [InlineData(KvCacheType.F16)]
    [InlineData(KvCacheType.Q8_0)]
    public void Blocks_of_any_size_hold_the_saved_bytes(KvCacheType kv)
    {
        int[] tokens = EngineRuns.Tokens(101);
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, context: 128, capacity: 256, kv: kv);
        engine.Append(0, tokens[..60]);
        engine.Append(0, tokens[60..]);
        byte[] saved = Save(engine, 0);
        foreach (int blockTokens in new[] { 5, 32, 48, 64 })
        {
            using ManagedEngine other =
                EngineRuns.Create(TestModels.Small, context: 128, capacity: 256, blockTokens: blockTokens, kv: kv);
            Assert.True(other.LoadSequence(0, new MemoryStream(saved)));
            Assert.Equal(saved, Save(other, 0));
        }
    }

    [Fact]
    public void An_empty_sequence_is_saved_and_loaded_too()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        byte[] saved = Save(engine, 0);
        Assert.True(engine.LoadSequence(1, new MemoryStream(saved)));
        Assert.Equal(0, engine.GetLength(1));
    }

    [Fact]
    public void Data_cut_short_anywhere_is_refused_and_leaves_the_sequence_empty()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        engine.Append(0, Prompt);
        byte[] saved = Save(engine, 0);
        foreach (int length in new[] { 0, 7, 23, 24, 25, 2000, saved.Length - 5, saved.Length - 1 })
        {
            Refuse(engine, saved[..length], "truncated");
        }
    }

    [Fact]
    public void Data_changed_anywhere_is_refused()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        engine.Append(0, Prompt);
        byte[] saved = Save(engine, 0);
        Random random = new(3);
        for (int i = 0; i < 30; i++)
        {
            byte[] damaged = [.. saved];
            damaged[random.Next(24, saved.Length)] ^= (byte)(1 << random.Next(8));
            Refuse(engine, damaged, "damaged");
        }

        byte[] stranger = [.. saved];
        stranger[0] ^= 1;
        Refuse(engine, stranger, "not a saved sequence");
        Refuse(engine, new byte[100], "not a saved sequence");
    }

    [Fact]
    public void Data_of_another_model_is_refused_even_if_it_has_the_same_sizes()
    {
        SyntheticModelOptions options = new() { TensorType = GgufTensorType.Q8_0, Seed = 99 };
        GgufFile twin = TestModels.Get("twin", options);
        using ManagedEngine first = EngineRuns.Create(TestModels.Small), second = EngineRuns.Create(twin);
        first.Append(0, Prompt);
        Refuse(second, Save(first, 0), "another model");

        using ManagedEngine stretched = EngineRuns.Create(TestModels.Small, yarn: 2);
        Refuse(stretched, Save(first, 0), "another model");
    }

    [Fact]
    public void Without_room_the_answer_is_no_and_a_sequence_in_use_is_not_overwritten()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        engine.Append(0, Prompt);
        byte[] saved = Save(engine, 0);
        Assert.Throws<ArgumentException>(() => engine.LoadSequence(0, new MemoryStream(saved)));

        using ManagedEngine small = EngineRuns.Create(TestModels.Small, capacity: 20);
        Assert.False(small.LoadSequence(0, new MemoryStream(saved)));
        using ManagedEngine shortContext = EngineRuns.Create(TestModels.Small, context: 22, capacity: 100);
        Assert.False(shortContext.LoadSequence(0, new MemoryStream(saved)));
        Assert.Equal(0, small.GetLength(0));
        small.Store.CheckIntegrity();
    }

    private static void Refuse(ManagedEngine engine, byte[] data, string message)
    {
        InvalidDataException refusal =
            Assert.Throws<InvalidDataException>(() => engine.LoadSequence(3, new MemoryStream(data)));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, engine.GetLength(3));
        engine.Store.CheckIntegrity();
    }

    private static byte[] Save(ManagedEngine engine, int sequence)
    {
        MemoryStream stream = new();
        engine.SaveSequence(sequence, stream);
        return stream.ToArray();
    }
}
