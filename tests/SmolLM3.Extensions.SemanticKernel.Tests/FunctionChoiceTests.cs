using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using CallContent = Microsoft.Extensions.AI.FunctionCallContent;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

/// <summary>Tool loops with exact answers.</summary>
public class FunctionChoiceTests
{
    private readonly WeatherPlugin _weather = new();
    private readonly ScriptedClient _client = new(
        [new TextReasoningContent("Look it up."), Call("1", "Rome"), Call("2", "Oslo")], [new TextContent("Sunny.")]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Auto_runs_functions_and_keeps_what_was_said_on_the_way(bool streams)
    {
        Kernel kernel = Build();
        ChatHistory history = [];
        history.AddUserMessage("Weather?");
        string text = await AskAsync(kernel, history, Settings(FunctionChoiceBehavior.Auto()), streams);

        Assert.Equal("Sunny.", text);
        Assert.Equal(["Rome", "Oslo"], _weather.Cities);
        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(m => m.Role));
        Assert.IsType<ReasoningContent>(history[1].Items[0]);
        Assert.All(
            history[1].Items.OfType<Microsoft.SemanticKernel.FunctionCallContent>(),
            call => Assert.Equal(("Weather", "GetWeather"), (call.PluginName, call.FunctionName)));
        Assert.Equal(
            ["1", "2"],
            history[2].Items.Cast<Microsoft.SemanticKernel.FunctionResultContent>().Select(r => r.CallId));
        Assert.All(
            history[2].Items.Cast<Microsoft.SemanticKernel.FunctionResultContent>(),
            result => Assert.Equal(
                ("Weather", "GetWeather", "Sunny, 24 degrees"),
                (result.PluginName, result.FunctionName, result.Result!.ToString())));
        Assert.Equal(2, _client.Options[0].Tools!.Count);
    }

    [Fact]
    public async Task Two_functions_of_one_name_to_the_model_are_refused()
    {
        Kernel kernel = Build();
        kernel.Plugins.AddFromFunctions("A_B", [KernelFunctionFactory.CreateFromMethod(() => 1, "C")]);
        kernel.Plugins.AddFromFunctions("A", [KernelFunctionFactory.CreateFromMethod(() => 2, "B_C")]);
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => AskAsync(kernel, new("Hi."), Settings(FunctionChoiceBehavior.Auto()), streams: false));
        Assert.Contains("'A_B-C', 'A-B_C'", error.Message, StringComparison.Ordinal);
        Assert.Empty(_client.Options);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_that_are_not_run_can_be_run_by_the_caller(bool streams)
    {
        Kernel kernel = Build();
        SmolLM3PromptExecutionSettings settings = Settings(FunctionChoiceBehavior.Auto(autoInvoke: false));
        var service = kernel.GetRequiredService<IChatCompletionService>();
        ChatHistory history = new("Be brief.");
        IReadOnlyList<Microsoft.SemanticKernel.FunctionCallContent> calls;
        if (streams)
        {
            FunctionCallContentBuilder builder = new();
            await foreach (var update in service.GetStreamingChatMessageContentsAsync(history, settings, kernel))
            {
                builder.Append(update);
            }

            calls = builder.Build();
        }
        else
        {
            ChatMessageContent message = await service.GetChatMessageContentAsync(history, settings, kernel);
            Assert.Equal("tool_calls", message.Metadata!["FinishReason"]);
            calls = [.. Microsoft.SemanticKernel.FunctionCallContent.GetFunctionCalls(message)];
        }

        Assert.Empty(_weather.Cities);
        Assert.Single(history);
        Assert.Equal(["1", "2"], calls.Select(call => call.Id));
        foreach (Microsoft.SemanticKernel.FunctionCallContent call in calls)
        {
            Assert.Equal("Sunny, 24 degrees", (await call.InvokeAsync(kernel)).Result);
        }

        Assert.Equal(["Rome", "Oslo"], _weather.Cities);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nor_does_any_other_middleware_run_them(bool streams)
    {
        IChatClient own = _client.AsBuilder().UseFunctionInvocation().Build();
        await AskAsync(Build(client: own), new("Be brief."), Settings(FunctionChoiceBehavior.Auto(autoInvoke: false)), streams);
        Assert.Empty(_weather.Cities);
        Assert.Single(_client.Conversations);
        Assert.Equal(["Weather_GetWeather", "Weather_GetCurrentTime"], _client.Options[0].Tools!.Select(tool => tool.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task None_offers_functions_that_must_not_be_called(bool streams)
    {
        ScriptedClient client = new([new TextContent("I would ask.")]);
        Assert.Equal("I would ask.", await AskAsync(
            Build(client: client), new("Be brief."), Settings(FunctionChoiceBehavior.None()), streams));
        Assert.IsType<NoneChatToolMode>(client.Options[0].ToolMode);
        Assert.Equal(2, client.Options[0].Tools!.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Required_holds_for_the_first_round_only(bool streams)
    {
        FunctionChoiceBehavior required =
            FunctionChoiceBehavior.Required([Build().Plugins.GetFunction("Weather", "GetWeather")]);
        Assert.Equal("Sunny.", await AskAsync(Build(), new("Be brief."), Settings(required), streams));
        Assert.Equal(["Weather_GetWeather"], _client.Options[0].Tools!.Select(tool => tool.Name));
        Assert.IsType<RequiredChatToolMode>(_client.Options[0].ToolMode);
        Assert.Null(_client.Options[1].ToolMode);
        Assert.Equal(["Rome", "Oslo"], _weather.Cities);
    }

    [Theory]
    [InlineData("GetWeather")]
    [InlineData("Weather-GetWeather")]
    [InlineData("Weather.GetWeather")]
    [InlineData("Weather_GetWeather")]
    public async Task A_named_function_is_required_and_the_others_stay_offered(string name)
    {
        SmolLM3PromptExecutionSettings settings = Settings(FunctionChoiceBehavior.Auto());
        settings.RequiredFunction = name;
        await AskAsync(Build(), new("Be brief."), settings, streams: false);
        Assert.Equal("Weather_GetWeather", Assert.IsType<RequiredChatToolMode>(
            _client.Options[0].ToolMode).RequiredFunctionName);
        Assert.Equal(2, _client.Options[0].Tools!.Count);
        Assert.Null(_client.Options[1].ToolMode);
        Assert.DoesNotContain("required_function", _client.Options[0].AdditionalProperties?.Keys ?? []);
    }

    [Fact]
    public async Task A_required_function_that_is_not_offered_is_named()
    {
        SmolLM3PromptExecutionSettings settings = Settings(FunctionChoiceBehavior.Auto());
        settings.RequiredFunction = "GetNews";
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => AskAsync(Build(), new("Be brief."), settings, streams: false));
        Assert.Contains("'GetNews'", error.Message);
        Assert.Contains("'Weather-GetWeather'", error.Message);
        settings.RequiredFunction = "GetWeather";
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.None();
        await Assert.ThrowsAsync<ArgumentException>(
            () => AskAsync(Build(), new("Be brief."), settings, streams: true));
        Assert.Empty(_client.Options);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Filters_see_calls_and_may_end_the_loop(bool streams)
    {
        Filter filter = new();
        Kernel kernel = Build(filter);
        ChatHistory history = new("Be brief.");
        await AskAsync(kernel, history, Settings(FunctionChoiceBehavior.Auto()), streams);
        Assert.Equal(["auto GetWeather", "run GetWeather"], filter.Seen);
        Assert.Single(_client.Conversations);
        Assert.Equal(["Rome"], _weather.Cities);

        // Streamed, the results are in the history; otherwise they are what is returned.
        Assert.Equal(streams ? AuthorRole.Tool : AuthorRole.Assistant, history[^1].Role);
    }

    private static CallContent Call(string id, string city) =>
        new(id, "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = city });

    private static SmolLM3PromptExecutionSettings Settings(FunctionChoiceBehavior choice) =>
        new() { FunctionChoiceBehavior = choice };

    private static async Task<string> AskAsync(
        Kernel kernel, ChatHistory history, PromptExecutionSettings settings, bool streams)
    {
        var service = kernel.GetRequiredService<IChatCompletionService>();
        return streams
            ? string.Concat(await service.GetStreamingChatMessageContentsAsync(history, settings, kernel)
                .Select(update => update.Content).ToListAsync())
            : (await service.GetChatMessageContentAsync(history, settings, kernel)).Content ?? "";
    }

    private Kernel Build(Filter? filter = null, IChatClient? client = null)
    {
        IKernelBuilder builder = Kernel.CreateBuilder().AddSmolLM3ChatCompletion(client ?? _client);
        builder.Plugins.AddFromObject(_weather, "Weather");
        if (filter is not null)
        {
            builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(filter);
            builder.Services.AddSingleton<IFunctionInvocationFilter>(filter);
        }

        return builder.Build();
    }

    private sealed class Filter : IAutoFunctionInvocationFilter, IFunctionInvocationFilter
    {
        public List<string> Seen { get; } = [];

        public async Task OnAutoFunctionInvocationAsync(
            AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
        {
            Seen.Add($"auto {context.Function.Name}");
            await next(context);
            context.Terminate = true;
        }

        public async Task OnFunctionInvocationAsync(
            Microsoft.SemanticKernel.FunctionInvocationContext context,
            Func<Microsoft.SemanticKernel.FunctionInvocationContext, Task> next)
        {
            Seen.Add($"run {context.Function.Name}");
            await next(context);
        }
    }
}
