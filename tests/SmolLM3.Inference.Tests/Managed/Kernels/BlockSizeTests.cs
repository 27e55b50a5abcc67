using System.Runtime.CompilerServices;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.KQuants;
using SmolLM3.Inference.Managed.Kernels.Q80;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed class BlockSizeTests
{
    [Fact]
    public void Blocks_are_as_large_as_their_formats_say()
    {
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q4_K), Unsafe.SizeOf<Q4KBlock>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q6_K), Unsafe.SizeOf<Q6KBlock>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q8_0), Unsafe.SizeOf<Q80Block>());
        Assert.Equal(Q4KBlock.Bytes, Unsafe.SizeOf<Q4KBlock>());
        Assert.Equal(Q6KBlock.Bytes, Unsafe.SizeOf<Q6KBlock>());
        Assert.Equal(Q80Block.Bytes, Unsafe.SizeOf<Q80Block>());
        Assert.Equal(Q8KBlock.Bytes, Unsafe.SizeOf<Q8KBlock>());
        Assert.Equal(DecodedKBlock.Bytes, Unsafe.SizeOf<DecodedKBlock>());
    }
}
