using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;
using SmolLM3.Inference.Tests.Managed;

namespace SmolLM3.Inference.Tests.Engine;

/// <summary>What every engine does with sequences as bytes.</summary>
public abstract class EngineContractStateTests : EngineContractTests
{
    [Theory]
    [InlineData(KvCacheType.F16)]
    [InlineData(KvCacheType.Q8_0)]
    public void A_loaded_sequence_goes_on_as_the_saved_one_in_another_engine_too(KvCacheType kv)
    {
        using IInferenceEngine engine = Create(kv: kv);
        Append(engine, 2, Tokens[..23]);
        byte[] saved = Save(engine, 2);
        float[] expected = Append(engine, 2, Tokens[23..26])[^1];
        Assert.InRange(saved.Length, 23 * engine.Model.KvBytesPerToken, (23 * (engine.Model.KvBytesPerToken + 64)) + 65_536);

        using IInferenceEngine other = Create(kv: kv);
        Append(other, 0, Tokens[30..33]);
        int free = other.FreeTokens;
        Assert.True(other.LoadSequence(1, new MemoryStream(saved)));
        Assert.Equal(23, other.GetLength(1));
        Assert.InRange(free - other.FreeTokens, 23, 23 + 63);
        AssertSame(other, expected, Append(other, 1, Tokens[23..26])[^1]);
    }

    [Fact]
    public void An_empty_sequence_is_saved_and_loaded_too()
    {
        using IInferenceEngine engine = Create();
        byte[] saved = Save(engine, 0);
        Assert.True(engine.LoadSequence(1, new MemoryStream(saved)));
        Assert.Equal(0, engine.GetLength(1));
    }

    [Fact]
    public void Bytes_that_are_cut_changed_or_foreign_are_refused_and_leave_the_sequence_empty()
    {
        using IInferenceEngine engine = Create();
        Append(engine, 0, Tokens[..10]);
        byte[] saved = Save(engine, 0);
        foreach (int length in new[] { 0, 7, 23, 31, 33, saved.Length / 2, saved.Length - 5, saved.Length - 1 })
        {
            Refuse(engine, saved[..length]);
        }

        Random random = new(3);
        for (int i = 0; i < 40; i++)
        {
            byte[] damaged = [.. saved];
            damaged[random.Next(i < 20 ? 32 : saved.Length)] ^= (byte)(1 << random.Next(8));
            Refuse(engine, damaged, mayHaveNoRoom: true);
        }

        Refuse(engine, new byte[100]);
        using IInferenceEngine eightBits = Create(kv: KvCacheType.Q8_0);
        Refuse(eightBits, saved);

        GgufFile twin = TestModels.Get("twin", new SyntheticModelOptions { TensorType = GgufTensorType.Q8_0, Seed = 99 });
        using IInferenceEngine stranger = Create(
            twin, new EngineOptions { ContextLength = 64, MaxSequences = 4, MaxBatchRows = 32, Threads = 1 });
        Refuse(stranger, saved);
        Append(engine, 3, Tokens[..3]);
    }

    [Fact]
    public void Without_room_the_answer_is_no_and_a_sequence_in_use_is_not_overwritten()
    {
        using IInferenceEngine engine = Create(context: 4096, capacity: 1024);
        for (int i = 0; i < 20; i++)
        {
            Append(engine, 0, Tokens[..32]);
        }

        byte[] saved = Save(engine, 0);
        Assert.Throws<ArgumentException>(() => engine.LoadSequence(0, new MemoryStream(saved)));
        Assert.False(engine.LoadSequence(1, new MemoryStream(saved)));
        Assert.Equal(0, engine.GetLength(1));
        using IInferenceEngine shorter = Create(context: 639, capacity: 1024);
        Assert.False(shorter.LoadSequence(1, new MemoryStream(saved)));
    }

    private static void Refuse(IInferenceEngine engine, byte[] data, bool mayHaveNoRoom = false)
    {
        // A damaged length may be one there is no room for.
        Exception? error = Record.Exception(() => Assert.False(engine.LoadSequence(3, new MemoryStream(data))));
        Assert.True(error is InvalidDataException || (error is null && mayHaveNoRoom), $"{error}");
        Assert.Equal(0, engine.GetLength(3));
    }

    private static byte[] Save(IInferenceEngine engine, int sequence)
    {
        MemoryStream stream = new();
        engine.SaveSequence(sequence, stream);
        return stream.ToArray();
    }
}
