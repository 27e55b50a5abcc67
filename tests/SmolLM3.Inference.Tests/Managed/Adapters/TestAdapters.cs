using System.Runtime.InteropServices;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed.Adapters;

/// <summary>Random adapters, and models that have them in their weights.</summary>
internal static class TestAdapters
{
    public static GgufFile Make(GgufFile model, int rank = 5, long seed = 1, float alpha = 8, GgufTensorType type = 0)
    {
        MemoryStream stream = new();
        SyntheticAdapter.Write(
            stream, model, new() { Rank = rank, Seed = seed, Alpha = alpha, TensorType = type });
        stream.Position = 0;
        return GgufFile.Load(stream);
    }

    /// <summary>A model of F32 weights to which adapters are added: W + scale · factor · B A.</summary>
    public static GgufFile Merge(GgufFile model, params (GgufFile Adapter, float Scale)[] adapters)
    {
        var pairs = adapters.SelectMany(adapter => LoraFile.Read(adapter.Adapter, model).Tensors.Select(
            pair => (Name: LoraFile.NameOf(pair.Layer, pair.Target), Pair: pair, adapter.Scale))).ToLookup(p => p.Name);
        GgufWriter writer = new();
        foreach ((string key, object value) in model.Metadata)
        {
            writer.Set(key, value);
        }

        foreach (GgufTensor tensor in model.Tensors)
        {
            double[][] weights = Rows(tensor);
            foreach ((_, LoraTensors pair, float scale) in pairs[tensor.Name])
            {
                double[][] a = Rows(pair.A), b = Rows(pair.B);
                for (int output = 0; output < weights.Length; output++)
                {
                    for (int input = 0; input < weights[0].Length; input++)
                    {
                        weights[output][input] +=
                            scale * pair.Factor * Enumerable.Range(0, a.Length).Sum(r => b[output][r] * a[r][input]);
                    }
                }
            }

            float[] merged = [.. weights.SelectMany(row => row).Select(value => (float)value)];
            byte[] data = MemoryMarshal.AsBytes(merged.AsSpan()).ToArray();
            writer.AddTensor(tensor.Name, GgufTensorType.F32, tensor.Dimensions, data);
        }

        MemoryStream stream = new();
        writer.Write(stream);
        stream.Position = 0;
        return GgufFile.Load(stream);
    }

    private static double[][] Rows(GgufTensor tensor) => [.. Enumerable.Range(0, (int)tensor.RowCount).Select(r =>
    {
        float[] row = new float[tensor.Dimensions[0]];
        RowCodec.Dequantize(tensor.Type, tensor.GetRow(r), row);
        return row.Select(value => (double)value).ToArray();
    })];
}
