using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>What answers at an address may be anything.</summary>
public sealed class OddServerTests
{
    private const string Key = "a-secret-key";

    [Theory]
    [InlineData(307, "text/plain", "", "redirect to http://127.0.0.1:1/other")]
    [InlineData(401, "text/plain", "Incorrect key: " + Key, "Incorrect key: ***")]
    [InlineData(500, "text/html; charset=bogus", "<html>", "answered 500")]
    [InlineData(400, "application/json", """{"error": {"n_prompt_tokens": "9", "n_ctx": 1, "message": "odd"}}""", "odd")]
    [InlineData(200, "text/html", "<html>Log in</html>", "what its interface does not say")]
    public async Task It_is_told_without_the_key(int status, string mediaType, string body, string expected)
    {
        await using WebApplication app = await StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = mediaType;
            context.Response.Headers.Location = status == 307 ? "http://127.0.0.1:1/other" : default(string);
            return context.Response.WriteAsync(body);
        });
        using SmolLM3ChatClient client = new(new SmolLM3Options().UseTinyModel().UseServer(
            new Uri(app.Urls.Single()), server => (server.ApiKey, server.Retries) = (Key, 0)));

        var error = await Assert.ThrowsAsync<ServerException>(() => client.GetResponseAsync("Hello!"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_not_written()
    {
        Assert.DoesNotContain(Key, new ServerOptions { ApiKey = Key }.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SmolLM3Options().UseServer(new Uri("http://user:word@localhost:8000")));
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
