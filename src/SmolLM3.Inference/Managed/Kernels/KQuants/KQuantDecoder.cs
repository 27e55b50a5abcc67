namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Decodes K-format blocks one weight at a time: the reading all other kernels are tested against.</summary>
internal static unsafe class KQuantDecoder
{
    public static void DecodeScales(Q4KBlock* block, DecodedKBlock* decoded)
    {
        var scales = new Q4KScales(block->Scales);
        for (int i = 0; i < Q4KBlock.Length / 16; i++)
        {
            decoded->Scales[i] = (byte)(scales.Scales >> (i / 2 * 8));
            decoded->Minimums[i] = (byte)(scales.Minimums >> (i / 2 * 8));
        }

        decoded->Scale = HalfBits.ToSingle(block->Scale);
        decoded->Minimum = HalfBits.ToSingle(block->Minimum);
    }

    public static void DecodeScales(Q6KBlock* block, DecodedKBlock* decoded)
    {
        for (int i = 0; i < Q6KBlock.Length / 16; i++)
        {
            decoded->Scales[i] = block->Scales[i];
            decoded->Minimums[i] = 0;
        }

        decoded->Scale = HalfBits.ToSingle(block->Scale);
        decoded->Minimum = 0;
    }

    public static void Decode(Q4KBlock* block, DecodedKBlock* decoded)
    {
        DecodeScales(block, decoded);
        for (int i = 0; i < Q4KBlock.Length; i++)
        {
            int pair = block->Quants[i / 64 * 32 + i % 32];
            decoded->Quants[i] = (sbyte)(i % 64 < 32 ? pair & 15 : pair >> 4);
        }
    }

    public static void Decode(Q6KBlock* block, DecodedKBlock* decoded)
    {
        DecodeScales(block, decoded);
        for (int i = 0; i < Q6KBlock.Length; i++)
        {
            int half = i / 128;
            int pair = block->Low[half * 64 + i % 64];
            int low = i % 128 < 64 ? pair & 15 : pair >> 4;
            int high = (block->High[half * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
            decoded->Quants[i] = (sbyte)((low | high << 4) - 32);
        }
    }
}
