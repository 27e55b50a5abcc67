using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Cli.Benchmarks;
using SmolLM3.Extensions;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Benchmarks;

/// <summary>The same work on every engine that is to be had, one round after the other so that both meet the machine's
/// good and bad minutes.</summary>
internal static class EnginesReport
{
    private const int Rounds = 3;

    private static readonly BenchTest[] s_tests =
    [
        new(IsPrompt: true, Tokens: 512, Depth: 0, Sequences: 1),
        new(IsPrompt: false, Tokens: 32, Depth: 0, Sequences: 1),
        new(IsPrompt: false, Tokens: 32, Depth: 0, Sequences: 4),
        new(IsPrompt: false, Tokens: 32, Depth: 0, Sequences: 8),
    ];

    /// <summary>Measures on a file and prints a table in Markdown: the median of the rounds, in tokens a second.</summary>
    public static void Run(string model)
    {
        using GgufFile file = GgufFile.Open(model);
        List<(string Name, List<double>[] Speeds)> results = [];
        for (int round = 0; round < Rounds; round++)
        {
            int place = 0;
            foreach (IEngineFactory factory in Factories())
            {
                using IInferenceEngine engine = factory.Create(file, Options(), NullLoggerFactory.Instance);
                if (round == 0)
                {
                    results.Add(($"{engine.Info.Name} ({engine.Info.Kernels})", [.. s_tests.Select(_ => new List<double>())]));
                }

                SpeedTest speed = new(engine, CancellationToken.None);
                for (int i = 0; i < s_tests.Length; i++)
                {
                    results[place].Speeds[i].AddRange(BenchProgress.Silently(p => speed.Run(s_tests[i], 1, p)));
                }

                place++;
            }
        }

        Console.WriteLine($"| engine | {string.Join(" | ", s_tests.Select(Describe))} |");
        Console.WriteLine($"|---|{string.Concat(s_tests.Select(_ => "---|"))}");
        foreach ((string name, List<double>[] speeds) in results)
        {
            Console.WriteLine($"| {name} | {string.Join(" | ", speeds.Select(Median))} |");
        }
    }

    private static IEnumerable<IEngineFactory> Factories()
    {
        yield return Extensions.Loading.ManagedEngineFactory.Instance;
#if LLAMASHARP
        yield return new SmolLM3Options().UseLLamaSharp().FindEngine()!;
#endif
    }

    private static EngineOptions Options() => new()
    {
        ContextLength = s_tests.Max(test => test.ContextLength),
        CapacityTokens = (int)s_tests.Max(test => test.CapacityTokens),
        MaxSequences = s_tests.Max(test => test.Sequences),
        Threads = BenchmarkSettings.Threads,
    };

    private static string Describe(BenchTest test) =>
        test.IsPrompt ? $"prompt of {test.Tokens}" : test.Sequences == 1 ? "decode" : $"decode, {test.Sequences} together";

    private static string Median(List<double> speeds) =>
        speeds.Order().ElementAt(speeds.Count / 2).ToString("F1", CultureInfo.InvariantCulture);
}
