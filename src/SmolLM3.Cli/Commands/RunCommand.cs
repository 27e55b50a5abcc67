using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 run</c>: one prompt, one answer.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var prompt = new Argument<string>("prompt") { Description = "What to ask; - reads standard input." };
        var model = Arguments.Model();
        var threads = Arguments.Threads();
        var yarn = Arguments.Yarn();
        var system = Arguments.System();
        var raw = new Option<bool>("--raw")
        {
            Description = "Continue the prompt as it stands, without the chat template: for base models and few-shot prompts.",
        };
        var maxTokens = Arguments.Count(1, "Most tokens to generate.", "--max-tokens", "-n");
        var stop = new Option<string[]>("--stop")
        {
            Description = "Ends the answer where this text comes, and is not part of it; may be given several times.",
            HelpName = "TEXT",
        };
        var schema = new Option<FileInfo?>("--json-schema")
        {
            Description = "The answer is JSON that follows this schema.", HelpName = "FILE",
        };
        var regex = new Option<string?>("--regex")
        {
            Description = "The answer matches this regular expression as a whole.", HelpName = "PATTERN",
        };
        var seed = new Option<long?>("--seed") { Description = "Makes the answer repeatable.", HelpName = "S" };
        var temperature = new Option<float?>("--temperature")
        {
            Description = "0: always the likeliest token; default 0.6.", HelpName = "T",
        };
        var json = Arguments.Json("Write one JSON object instead of streaming text.");
        var command = new Command("run", "Answers one prompt.")
        {
            prompt, model, threads, yarn, system, raw, maxTokens, stop, schema, regex, seed, temperature, json,
        };
        (Option<bool> think, Option<bool> noThink) = Arguments.Mode(command);
        command.Validators.Add(result =>
        {
            bool isOfChats = result.GetValue(think) || result.GetValue(noThink) || result.GetValue(system) is not null;
            if (result.GetValue(raw) && isOfChats)
            {
                result.AddError("--raw is no chat: leave out --think, --no-think and --system.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new ChatOptions
            {
                Instructions = result.GetValue(system),
                MaxOutputTokens = result.GetValue(maxTokens),
                Seed = result.GetValue(seed),
                Temperature = result.GetValue(temperature),
                StopSequences = result.GetValue(stop),
                ResponseFormat = result.GetValue(schema) is { } file
                    ? ChatResponseFormat.ForJsonSchema(await JsonFile.ReadAsync<JsonElement>(file, cancellationToken))
                    : null,
                RawRepresentationFactory = _ => new SmolLM3RequestOptions { Regex = result.GetValue(regex) },
                Reasoning = result.GetValue(think) ? new ReasoningOptions { Effort = ReasoningEffort.Medium }
                    : result.GetValue(noThink) ? new ReasoningOptions { Effort = ReasoningEffort.None }
                    : null,
            };
            string text = result.GetRequiredValue(prompt);
            if (text == Input.Standard)
            {
                text = WithoutLastLineBreak(await Console.In.ReadToEndAsync(cancellationToken));
            }

            await LocalModels.FetchAsync(result.GetRequiredValue(model), cancellationToken);
            await using ServiceProvider services = Services(
                result.GetRequiredValue(model), result.GetValue(threads), result.GetValue(yarn));
            var client = services.GetRequiredService<IChatClient>();
            IAsyncEnumerable<ChatResponseUpdate> updates = result.GetValue(raw)
                ? client.GetRequiredService<ISmolLM3TextCompletion>()
                    .CompleteStreamingAsync(text, options, cancellationToken)
                : client.GetStreamingResponseAsync(text, options, cancellationToken);
            await (result.GetValue(json) ? WriteJsonAsync(updates, cancellationToken) : WriteTextAsync(updates));
            return 0;
        });
        return command;
    }

    // Shells and editors put one there, and behind it a model writes something else.
    private static string WithoutLastLineBreak(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

    public static ServiceProvider Services(string model, int? threads, float? yarn)
    {
        var services = new ServiceCollection();
        services.AddSmolLM3(options =>
        {
            options.Threads = threads;
            options.YarnFactor = yarn;
            options.UseModel(model);
        });
        return services.BuildServiceProvider();
    }

    /// <summary>Answers go to standard output as they come, thoughts to standard error so that pipes stay clean.</summary>
    private static async Task WriteTextAsync(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        bool thinking = false;
        await foreach (ChatResponseUpdate update in updates)
        {
            foreach (AIContent content in update.Contents)
            {
                switch (content)
                {
                    case TextReasoningContent thought:
                        thinking = true;
                        await Console.Error.WriteAsync(Visible.ForError(thought.Text));
                        break;
                    case TextContent text:
                        if (thinking)
                        {
                            thinking = false;
                            await Console.Error.WriteLineAsync();
                        }

                        await Console.Out.WriteAsync(Visible.ForOutput(text.Text));
                        break;
                    case ErrorContent error:
                        await Console.Error.WriteLineAsync(Visible.ForError(error.Message));
                        break;
                }
            }
        }

        await Console.Out.WriteLineAsync();
    }

    private static async Task WriteJsonAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        ChatResponse response = await updates.ToChatResponseAsync(cancellationToken);
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("model", response.ModelId);
            writer.WriteString("text", response.Text);
            writer.WriteString("reasoning", string.Concat(
                response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(t => t.Text)));
            writer.WriteString("finish_reason", response.FinishReason?.Value);
            writer.WriteStartObject("usage");
            writer.WriteNumber("input_tokens", response.Usage?.InputTokenCount ?? 0);
            writer.WriteNumber("cached_input_tokens", response.Usage?.CachedInputTokenCount ?? 0);
            writer.WriteNumber("output_tokens", response.Usage?.OutputTokenCount ?? 0);
            writer.WriteNumber("reasoning_tokens", response.Usage?.ReasoningTokenCount ?? 0);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        await Console.Out.WriteLineAsync(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
