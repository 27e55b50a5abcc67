using System.Diagnostics;
using System.Globalization;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Benchmarks;

/// <summary>A long prompt that comes in beside a running stream: the gaps of the stream, and how much of its speed alone
/// the prompt keeps.</summary>
internal static class NewcomerReport
{
    /// <summary>Measures on a file and prints.</summary>
    public static async Task RunAsync(string model, int promptTokens)
    {
        using GgufFile file = GgufFile.Open(model);
        double alone;
        await using (Runner runner = new(file, promptTokens))
        {
            alone = await runner.PrefillAsync();
        }

        await using Runner both = new(file, promptTokens);
        List<double> gaps = [];
        using CancellationTokenSource end = new();
        Task stream = both.StreamAsync(gaps, end.Token);
        while (gaps.Count < 20)
        {
            await Task.Delay(100);
        }

        int before = gaps.Count;
        double beside = await both.PrefillAsync();
        double[] during = [.. gaps[before..].Order()];
        await end.CancelAsync();
        await stream;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"prompt of {promptTokens}: alone {promptTokens / alone:F1} tokens/s, beside a stream "
            + $"{promptTokens / beside:F1} ({alone / beside:P0}); the stream's gaps: median {Quantile(during, 0.5):F0} ms, "
            + $"p99 {Quantile(during, 0.99):F0} ms, longest {during[^1]:F0} ms, of {during.Length}"));
    }

    private static double Quantile(double[] sorted, double share) => sorted[(int)((sorted.Length - 1) * share)];

    private sealed class Runner : IAsyncDisposable
    {
        private readonly ManagedEngine _engine;
        private readonly LocalGenerator _generator;
        private readonly int _promptTokens;

        public Runner(GgufFile file, int promptTokens)
        {
            _promptTokens = promptTokens;
            _engine = new ManagedEngine(file, new EngineOptions
            {
                ContextLength = promptTokens + 8192,
                CapacityTokens = 2 * promptTokens + 8192,
                MaxSequences = 2,
                Threads = BenchmarkSettings.Threads,
            });
            _generator = new LocalGenerator(_engine, options: new() { DraftsFromPrompt = false });
        }

        /// <summary>Seconds to the first token of a long prompt.</summary>
        public async Task<double> PrefillAsync()
        {
            long start = Stopwatch.GetTimestamp();
            await foreach (GeneratedToken token in _generator.GenerateAsync(Request(seed: 2, _promptTokens, answer: 1)))
            {
                Debug.Assert(token.CachedPromptTokens == 0, "The prompt is new.");
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        /// <summary>Milliseconds between tokens, until it is cancelled.</summary>
        public async Task StreamAsync(List<double> gaps, CancellationToken cancellationToken)
        {
            long last = Stopwatch.GetTimestamp();
            try
            {
                await foreach (GeneratedToken _ in _generator.GenerateAsync(
                    Request(seed: 1, prompt: 16, answer: 8000), cancellationToken))
                {
                    gaps.Add(Stopwatch.GetElapsedTime(last).TotalMilliseconds);
                    last = Stopwatch.GetTimestamp();
                }
            }
            catch (OperationCanceledException)
            {
                // Its end.
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _generator.DisposeAsync();
            _engine.Dispose();
        }

        private GenerationRequest Request(int seed, int prompt, int answer)
        {
            Random random = new(seed);
            return new GenerationRequest
            {
                PromptTokens = [.. Enumerable.Range(0, prompt).Select(_ => random.Next(1000, 100_000))],
                Sampling = new SamplingOptions { Seed = seed },
                StopTokens = [],
                MaxTokens = answer,
            };
        }
    }
}
