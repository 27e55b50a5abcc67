using System.CommandLine;
using System.Text.Json;
using SmolLM3.Cli.Benchmarks;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using Spectre.Console;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 bench</c>: prompt and decode speed of a model on this machine.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var model = new Option<FileInfo?>("--model", "-m") { Description = "The GGUF file.", HelpName = "FILE" };
        var synthetic = new Option<string?>("--synthetic")
        {
            Description = "Random weights in SmolLM3's true sizes, written once: q4_k_m, q8_0 or f16.",
            HelpName = "FORMAT",
        };
        var prompt = Count("--prompt", "-p", 512, "Tokens of the prompt.");
        var generate = Count("--generate", "-n", 64, "Tokens to decode.");
        var repetitions = Count("--repetitions", "-r", 3, "How often each is measured; the median counts.");
        var threads = Arguments.Threads();
        var json = new Option<bool>("--json") { Description = "Write one JSON object a line instead of a table." };
        var command = new Command("bench", "Measures prompt and decode speed.")
        {
            model, synthetic, prompt, generate, repetitions, threads, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(model) is null == result.GetValue(synthetic) is null)
            {
                result.AddError("One of --model FILE and --synthetic FORMAT is wanted.");
            }
        });
        command.SetAction((result, cancellationToken) =>
        {
            string path = result.GetValue(model)?.FullName ?? SyntheticFiles.GetOrWrite(result.GetRequiredValue(synthetic)!);
            var work = new SpeedTest.Work(
                result.GetValue(prompt), result.GetValue(generate), result.GetValue(repetitions));
            using GgufFile file = GgufFile.Open(path);
            using var engine = new ManagedEngine(file, new EngineOptions
            {
                ContextLength = work.PromptTokens + work.GeneratedTokens,
                MaxSequences = 1,
                Threads = result.GetValue(threads),
            });
            IReadOnlyList<SpeedTest.Measurement> measurements = SpeedTest.Run(engine, work, cancellationToken);
            Write(engine.Info, measurements, result.GetValue(json));
            return Task.FromResult(0);
        });
        return command;
    }

    private static Option<int> Count(string name, string alias, int value, string description)
    {
        var option = new Option<int>(name, alias)
        {
            Description = description, HelpName = "N", DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} is at least 1.");
            }
        });
        return option;
    }

    private static void Write(EngineInfo info, IReadOnlyList<SpeedTest.Measurement> measurements, bool json)
    {
        if (json)
        {
            foreach (SpeedTest.Measurement measurement in measurements)
            {
                Console.WriteLine(ToJson(info, measurement));
            }

            return;
        }

        Table table = new Table().AddColumns("test", "tokens/s", "least", "most");
        table.Caption($"{info.Kernels} kernels, {info.Threads} threads");
        foreach (SpeedTest.Measurement m in measurements)
        {
            table.AddRow(m.Test, $"{m.Median:F1}", $"{m.Least:F1}", $"{m.Most:F1}");
        }

        AnsiConsole.Write(table);
    }

    private static string ToJson(EngineInfo info, SpeedTest.Measurement measurement)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("test", measurement.Test);
            writer.WriteNumber("tokens_per_second", Math.Round(measurement.Median, 2));
            writer.WriteNumber("least", Math.Round(measurement.Least, 2));
            writer.WriteNumber("most", Math.Round(measurement.Most, 2));
            writer.WriteNumber("threads", info.Threads);
            writer.WriteString("kernels", info.Kernels);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
