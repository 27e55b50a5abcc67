using System.CommandLine;
using System.ComponentModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.TinyModel;

// An agent in one file: it thinks, calls a C# function, and answers from what the function said.
//   dotnet run --project samples/Quickstart                                    (the tiny model, nothing to download)
//   dotnet run --project samples/Quickstart -- --model SmolLM3-Q4_K_M.gguf     (the real one)
var model = new Option<FileInfo?>("--model") { Description = "A SmolLM3 GGUF file; without it the tiny model." };
var question = new Argument<string>("question")
{
    Description = "What to ask.",
    DefaultValueFactory = _ => "What is the weather in Lisbon?",
};
var command = new RootCommand("Streams a thought, a function call and the answer.") { model, question };
command.SetAction((result, cancellationToken) =>
    AskAsync(result.GetValue(model), result.GetRequiredValue(question), cancellationToken));

// A question may begin with "@": it names no file of arguments.
return await command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }).InvokeAsync();

static async Task AskAsync(FileInfo? model, string question, CancellationToken cancellationToken)
{
    var services = new ServiceCollection();
    services
        .AddSmolLM3(options =>
        {
            if (model is null)
            {
                options.UseTinyModel();
            }
            else
            {
                options.Model = model.FullName;
            }
        })
        .UseFunctionInvocation();

    await using ServiceProvider provider = services.BuildServiceProvider();
    var client = provider.GetRequiredService<IChatClient>();
    var options = new ChatOptions
    {
        Tools = [AIFunctionFactory.Create(GetWeather, "GetWeather", "Gets the weather of a city.")],
        Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low },

        // Drawn at random, the tiny model's tokens go wrong now and then.
        Temperature = model is null ? 0 : null,
    };

    Console.WriteLine($"> {question}");
    var part = Part.None;
    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, options, cancellationToken))
    {
        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case TextReasoningContent thought:
                    Write(Part.Thought, thought.Text);
                    break;
                case FunctionCallContent call:
                    Write(Part.Call, $"{call.Name}({string.Join(", ", call.Arguments?.Select(Named) ?? [])})");
                    break;
                case FunctionResultContent result:
                    Write(Part.Result, $"{result.Result}");
                    break;
                case TextContent text:
                    Write(Part.Answer, text.Text);
                    break;
            }
        }
    }

    Console.WriteLine();

    void Write(Part next, string text)
    {
        if (part != next)
        {
            Console.Write($"{(part == Part.None ? "" : "\n")}{$"[{next.ToString().ToLowerInvariant()}]",-10} ");
            part = next;
        }

        Console.Write(text);
    }
}

static string Named(KeyValuePair<string, object?> argument) => $"{argument.Key}: {argument.Value}";

static string GetWeather([Description("The city.")] string city) =>
    $"Sunny, {15 + (city.Length % 10)} degrees";

internal enum Part
{
    None,
    Thought,
    Call,
    Result,
    Answer,
}
