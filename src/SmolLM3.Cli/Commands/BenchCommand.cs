using System.CommandLine;
using SmolLM3.Cli.Benchmarks;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 bench</c>: prompt and decode speed of a model on this machine, or how it bears many clients.
/// </summary>
internal static class BenchCommand
{
    private const int DefaultRepetitions = 3;

    public static Command Create()
    {
        var model = Arguments.Model();
        var synthetic = new Option<string?>("--synthetic")
        {
            Description = "Instead of a model, random weights in SmolLM3's true sizes, written once: q4_k_m, q8_0 or f16.",
            HelpName = "FORMAT",
        };
        var prompt = Arguments.Counts([512], 0, "Tokens of a prompt; 0: no prompt test.", "--prompt", "-p");
        var generate = Arguments.Counts([64], 0, "Tokens to decode; 0: no decode test.", "--generate", "-n");
        var depth = Arguments.Counts([0], 0, "Tokens in the context before the timing begins.", "--depth", "-d");
        var sequences = Arguments.Counts([1], 1, "Sequences decoding together; the speed is their sum.", "--sequences");
        var threads = Arguments.Counts(
            [Environment.ProcessorCount], 1, "Threads that compute; default: all cores this process may use.",
            "--threads", "-t");
        var repetitions = Arguments.Count(
            1, $"How often each test is timed; the median counts; default {DefaultRepetitions}.", "--repetitions", "-r");
        var kernel = Arguments.Kernel();
        var kv = Arguments.Kv();
        var yarn = Arguments.Yarn();
        var firstToken = new Option<bool>("--first-token")
        {
            Description = "Time only from the start of this process to the first logits after the prompt.",
        };
        var json = Arguments.Json("Write one JSON object a line instead of a table.");
        var command = new Command("bench", "Measures speed: every combination of prompt, depth and threads is a test.")
        {
            model, synthetic, prompt, generate, depth, sequences, threads, repetitions, kernel, kv, yarn, firstToken,
            json,
        };
        var load = new LoadArguments();
        load.AddTo(command, others: [prompt, generate, depth, sequences, repetitions, firstToken]);
        command.Validators.Add(result =>
        {
            if (Arguments.IsGiven(result, model) && result.GetValue(synthetic) is not null)
            {
                result.AddError("--model and --synthetic exclude each other.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            if (result.GetValue(firstToken))
            {
                int[] prompts = result.GetRequiredValue(prompt), counts = result.GetRequiredValue(threads);
                Option[] others = [generate, depth, sequences, repetitions, yarn];
                bool isGiven = others.Any(option => Arguments.IsGiven(result.CommandResult, option));
                if (isGiven || prompts is not [> 0] || counts is not [_])
                {
                    throw new ArgumentException("--first-token times one prompt in a new process: it takes one -p "
                        + "above 0, at most one -t, and none of -n, -d, --sequences, -r and --yarn.");
                }

                // Neither written nor downloaded: that is no part of the wait.
                ModelSource here = result.GetValue(synthetic) is { } format
                    ? SyntheticFiles.Get(format, mayWrite: false) : LocalModels.Find(result.GetRequiredValue(model));
                string? kernels = result.GetValue(kernel);
                FirstToken.Result wait = FirstToken.Measure(
                    here, prompts[0], counts[0], kernels, result.GetValue(kv), cancellationToken);
                Write(wait, result.GetValue(json));
                return 0;
            }

            ModelSource source = result.GetValue(synthetic) is { } weights
                ? SyntheticFiles.Get(weights, mayWrite: true)
                : await LocalModels.FetchAsync(result.GetRequiredValue(model), cancellationToken);
            await Task.Yield(); // Ctrl-C is only heard once the action has returned to its caller.

            // Lines that come while the bar stands would be written across it.
            bool showBar = !result.GetValue(json) || Console.IsOutputRedirected;
            if (load.IsWanted(result.CommandResult))
            {
                var loadRun = new LoadRun
                {
                    Tests = load.ToTests(result),
                    Engine = ToEngine(result),
                };
                var loadReport = new LoadReport(result.GetValue(json));
                BenchProgress.Run(
                    loadRun.Steps, showBar, progress => loadRun.Run(loadReport, progress, cancellationToken));
                loadReport.Finish();
                return 0;
            }

            BenchTest[] tests = BenchTest.Combine(
                result.GetRequiredValue(prompt), result.GetRequiredValue(generate),
                result.GetRequiredValue(depth), result.GetRequiredValue(sequences));
            if (tests.Length == 0)
            {
                throw new ArgumentException("Nothing is left to measure: -p 0 leaves prompts out, and -n 0 decoding.");
            }

            var run = new BenchRun
            {
                Engine = ToEngine(result),
                Tests = tests,
                Repetitions = result.GetValue(repetitions) ?? DefaultRepetitions,
            };
            var report = new BenchReport(result.GetValue(json));
            BenchProgress.Run(run.Steps, showBar, progress => run.Run(report, progress, cancellationToken));
            report.Finish();
            return 0;

            EngineSettings ToEngine(ParseResult parsed) => new(
                source,
                parsed.GetRequiredValue(threads),
                parsed.GetValue(kernel),
                parsed.GetValue(kv),
                parsed.GetValue(yarn));
        });
        return command;
    }

    private static void Write(FirstToken.Result result, bool json) => Console.WriteLine(json
        ? Json.Line(result)
        : $"{result.Test}: {result.Milliseconds:N0} ms from the start of the process "
            + $"({result.Kernel} kernels, {result.Threads} threads, {ByteText.Of(result.ResidentBytes)} resident)");
}
