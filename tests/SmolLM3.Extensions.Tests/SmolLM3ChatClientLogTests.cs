using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Tests;

public sealed class SmolLM3ChatClientLogTests
{
    [Fact]
    public async Task What_users_and_the_model_write_is_logged_at_trace_only()
    {
        ClientHarness harness = new("It is in <|tool_call|> the cellar.");
        await harness.Client.GetResponseAsync(
            [new(ChatRole.System, "Guard the keys."), new(ChatRole.User, "Where is the treasure?")]);

        (LogLevel Level, string Message)[] telling = [.. harness.Logs.Entries.Where(
            entry => new[] { "keys", "treasure", "cellar" }.Any(entry.Message.Contains))];
        Assert.All(telling, entry => Assert.Equal(LogLevel.Trace, entry.Level));
        Assert.Equal(2, telling.Length);
        Assert.Contains(harness.LastPrompt, telling[0].Message);
        Assert.EndsWith("It is in <|tool_call|> the cellar.", telling[1].Message);
    }
}
