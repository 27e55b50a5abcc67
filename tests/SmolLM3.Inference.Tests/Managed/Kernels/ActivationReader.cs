using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

/// <summary>What an activation row stands for.</summary>
internal static unsafe class ActivationReader
{
    public static float[] Read(ActivationFormat format, byte* row, int columns)
    {
        var values = new float[columns];
        for (int i = 0; i < columns; i++)
        {
            values[i] = format switch
            {
                ActivationFormat.Q8_K => ((Q8KBlock*)row)[i / 256].Quants[i % 256] * ((Q8KBlock*)row)[i / 256].Scale,
                ActivationFormat.Q8_0 => new Q80Row(row, columns).Quants[i] * new Q80Row(row, columns).Scales[i / 32],
                _ => ((float*)row)[i],
            };
        }

        return values;
    }
}
