using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Dot product of a decoded row, one value at a time.</summary>
internal static unsafe class KQuantDotScalar
{
    public static float Dot(DecodedKBlock* row, Q8KBlock* activations, int columns)
    {
        float sum = 0;
        float minimum = 0;
        for (int block = 0; block < columns / Q8KBlock.Length; block++, row++, activations++)
        {
            int products = 0;
            int minimums = 0;
            for (int i = 0; i < Q8KBlock.Length / 16; i++)
            {
                int part = 0;
                for (int j = 0; j < 16; j++)
                {
                    part += row->Quants[i * 16 + j] * activations->Quants[i * 16 + j];
                }

                products += row->Scales[i] * part;
                minimums += row->Minimums[i] * activations->Sums16[i];
            }

            sum += products * (row->Scale * activations->Scale);
            minimum += minimums * (row->Minimum * activations->Scale);
        }

        return sum - minimum;
    }
}
