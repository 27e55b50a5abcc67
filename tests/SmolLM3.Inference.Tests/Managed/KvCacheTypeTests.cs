using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class KvCacheTypeTests
{
    private static readonly int[] Prompt = EngineRuns.Tokens(60, seed: 8);

    public static TheoryData<string> Kernels =>
        [.. KernelSet.All.Where(kernels => kernels.IsSupported).Select(kernels => kernels.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Eight_bits_move_logits_by_little_and_not_by_nothing(string kernels)
    {
        KernelSet set = KernelSet.Get(kernels);
        using ManagedEngine halves = EngineRuns.Create(TestModels.Small, kernels: set);
        using ManagedEngine bytes = EngineRuns.Create(TestModels.Small, kernels: set, kv: KvCacheType.Q8_0);
        float[] expected = halves.Append(0, Prompt)[^1];
        float[] actual = bytes.Append(0, Prompt)[^1];
        Assert.InRange(EngineRuns.Distance([.. expected.Select(logit => (double)logit)], actual), 1e-5, 2e-2);
    }

    [Fact]
    public void Eight_bits_take_nine_sixteenths_of_the_memory()
    {
        using ManagedEngine halves = EngineRuns.Create(TestModels.Small);
        using ManagedEngine bytes = EngineRuns.Create(TestModels.Small, kv: KvCacheType.Q8_0);
        Assert.Equal(halves.Model.KvBytesPerToken * 9 / 16, bytes.Model.KvBytesPerToken);
    }

    [Theory]
    [InlineData(KvCacheType.F16)]
    [InlineData(KvCacheType.Q8_0)]
    public void No_more_is_reserved_than_the_tokens_take(KvCacheType type)
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, capacity: 640, blockTokens: 64, kv: type);
        Assert.Equal(640L * engine.Model.KvBytesPerToken, engine.KvBytes);
    }

    [Fact]
    public void A_prefix_is_shared_and_copied_with_its_scales()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, capacity: 200, kv: KvCacheType.Q8_0);
        engine.Append(0, Prompt);
        Assert.True(engine.CopyPrefix(0, 1, 41)); // not a whole number of blocks
        float[][] copied = engine.Append(1, Prompt.AsSpan(41));
        engine.Truncate(0, 0);
        Assert.Equal(engine.Append(0, Prompt)[41..], copied);
    }

    [Fact]
    public void Another_type_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => EngineRuns.Create(TestModels.Small, kv: (KvCacheType)9));
}
