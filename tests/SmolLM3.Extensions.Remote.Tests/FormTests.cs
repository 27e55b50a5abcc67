using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>Servers that take a form and do not hold to it.</summary>
public sealed class FormTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>
{
    private const string Question = "What is 3 + 4?";

    [Theory]
    [InlineData("llama-server", "schema")]
    [InlineData("llama-server", "json")]
    [InlineData("llama-server", "choices")]
    [InlineData("vllm", "schema")]
    [InlineData("vllm", "regex")]
    [InlineData("vllm", "choices")]
    public async Task An_answer_of_another_form_is_an_error_that_has_its_text(string kind, string form)
    {
        await using StandIn server = await StartAsync(kind);
        using SmolLM3ChatClient client = Connect(server);
        List<string> streamed = [];

        var error = await Assert.ThrowsAsync<AnswerFormException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(Question, Options(form)))
            {
                streamed.Add(update.Text);
            }
        });

        ChatResponse free = await tiny.Local.GetResponseAsync(Question, new() { Temperature = 0 });
        Assert.Equal(free.Text, error.Text.Trim());
        Assert.Equal(error.Text.Trim(), string.Concat(streamed).Trim());
        Assert.Equal(new Uri(server.Address, "/"), error.Endpoint);
        Assert.False(error.IsTransient);
    }

    [Theory]
    [InlineData("llama-server")]
    [InlineData("vllm")]
    public async Task One_that_the_limit_cut_is_no_error(string kind)
    {
        await using StandIn server = await StartAsync(kind);
        using SmolLM3ChatClient client = Connect(server);
        ChatOptions options = Options("schema");
        options.MaxOutputTokens = 2;

        ChatResponse response = await client.GetResponseAsync(Question, options);

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    private static ChatOptions Options(string form) => new()
    {
        Temperature = 0,
        ResponseFormat = form switch
        {
            "schema" => ChatResponseFormat.ForJsonSchema<Sum>(),
            "json" => ChatResponseFormat.Json,
            _ => null,
        },
        RawRepresentationFactory = _ => new SmolLM3RequestOptions
        {
            Regex = form == "regex" ? "[a-c]|[0-9]{9}" : null,
            Choices = form == "choices" ? ["six", "eight"] : null,
        },
    };

    private static SmolLM3ChatClient Connect(StandIn server) =>
        new(new SmolLM3Options().UseTinyModel().UseServer(server.Address));

    private async Task<StandIn> StartAsync(string kind)
    {
        StandIn server = kind == "vllm" ? new Vllm(tiny.Model) : new LlamaServer(tiny.Model);
        server.IgnoresForms = true;
        await server.StartAsync();
        return server;
    }

    private sealed record Sum(int Result);
}
