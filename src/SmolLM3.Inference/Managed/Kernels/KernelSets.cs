using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Floats;
using SmolLM3.Inference.Managed.Kernels.KQuants;
using SmolLM3.Inference.Managed.Kernels.Q80;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Puts the kernel sets together.</summary>
internal static class KernelSets
{
    /// <summary>All of them, the best first.</summary>
    public static KernelSet[] Create() => [ForAvx512(), ForAvx2(), ForVector128(), ForScalar()];

    private static KernelSet ForAvx512() => Create(
        "avx512",
        Avx512BW.IsSupported && Avx2.IsSupported && Fma.IsSupported,
        new FloatTileAvx512(),
        [new F16DecoderVector512(), new BF16DecoderVector128()],
        [new Q4KAvx512(), new Q6KAvx512(), new Q80MatMulAvx512()],
        [new Float32Activation(), new Q80Vector128(), new Q8KVector128()]);

    private static KernelSet ForAvx2() => Create(
        "avx2",
        Avx2.IsSupported && Fma.IsSupported,
        new FloatTileAvx2(),
        [new F16DecoderVector256(), new BF16DecoderVector128()],
        [new Q4KAvx2(), new Q6KAvx2(), new Q80MatMulAvx2()],
        [new Float32Activation(), new Q80Vector128(), new Q8KVector128()]);

    private static KernelSet ForVector128() => Create(
        "vector128",
        Vector128.IsHardwareAccelerated,
        new FloatTileVector128(),
        [new F16DecoderVector128(), new BF16DecoderVector128()],
        [new Q4KVector128(), new Q6KVector128(), new Q80MatMulVector128()],
        [new Float32Activation(), new Q80Vector128(), new Q8KVector128()]);

    private static KernelSet ForScalar() => Create(
        "scalar",
        isSupported: true,
        new FloatTileScalar(),
        [],
        [new Q4KScalar(), new Q6KScalar(), new Q80MatMulScalar()],
        [new Float32Activation(), new Q80Scalar(), new Q8KScalar()]);

    /// <summary>
    /// Formats without a kernel of their own are decoded to floats, by the reference reader if need be.
    /// </summary>
    private static KernelSet Create(
        string name,
        bool isSupported,
        FloatTile tile,
        RowDecoder[] decoders,
        MatMulKernel[] kernels,
        ActivationKernel[] activations)
    {
        IEnumerable<MatMulKernel> others = GgufTensorTypes.All
            .Except(kernels.Select(kernel => kernel.WeightType))
            .Select(type => decoders.FirstOrDefault(decoder => decoder.Type == type) ?? new CodecDecoder(type))
            .Select(decoder => new FloatMatMul(decoder, tile));
        return new KernelSet(name, isSupported, [.. kernels, .. others], activations);
    }
}
