using System.Runtime.InteropServices;
using System.Text.Json;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using Tiny = SmolLM3.TinyModel.TinyModel;

namespace SmolLM3.TinyModelTests;

/// <summary>The engine's logits on a rendered chat against those of llama.cpp, checked in by
/// <c>tests/peers/logits.mjs --write</c>; docs/numbers.md names the version.</summary>
public sealed class AgreementTests
{
    [Fact]
    public void Log_probabilities_of_a_chat_are_those_of_llama_cpp()
    {
        string data = Path.Combine(AppContext.BaseDirectory, "Data");
        int[] ids = JsonSerializer.Deserialize<int[]>(File.ReadAllText(Path.Combine(data, "chat-ids.json")))!;
        byte[] bytes = File.ReadAllBytes(Path.Combine(data, "llama-cpp-logits.f32"));
        ReadOnlySpan<float> reference = MemoryMarshal.Cast<byte, float>(bytes);
        using Stream stream = Tiny.OpenRead();
        using GgufFile file = GgufFile.Load(stream);
        using var engine = new ManagedEngine(file, new EngineOptions { ContextLength = ids.Length });
        int vocabulary = engine.Model.VocabularySize;
        Assert.Equal(ids.Length * vocabulary, reference.Length);

        (double difference, double norm, double divergence) = (0, 0, 0);
        var batch = new Batch(1);
        for (int position = 0; position < ids.Length; position++)
        {
            batch.Clear();
            batch.Add(0, position, ids[position], logits: true);
            Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
            double[] ours = LogProbabilities(engine.GetLogits(0));
            double[] theirs = LogProbabilities(reference.Slice(position * vocabulary, vocabulary));
            (double ourMean, double theirMean) = (ours.Average(), theirs.Average());
            for (int i = 0; i < vocabulary; i++)
            {
                difference += Math.Pow(ours[i] - ourMean - theirs[i] + theirMean, 2);
                norm += Math.Pow(theirs[i] - theirMean, 2);
                divergence += Math.Exp(theirs[i]) * (theirs[i] - ours[i]);
            }
        }

        Assert.InRange(Math.Sqrt(difference / norm), 0, 2e-2);
        Assert.InRange(divergence / ids.Length, 0, 1e-3);
    }

    private static double[] LogProbabilities(ReadOnlySpan<float> logits)
    {
        double most = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            most = Math.Max(most, logit);
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - most);
        }

        var result = new double[logits.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = logits[i] - most - Math.Log(sum);
        }

        return result;
    }
}
