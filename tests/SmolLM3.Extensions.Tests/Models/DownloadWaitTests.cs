using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>How long is waited, and for what.</summary>
public sealed class DownloadWaitTests : DownloadTests
{
    [Theory]
    [InlineData(429, "Retry-After", "7", 7)]
    [InlineData(503, "Retry-After", "3", 3)]
    [InlineData(429, "RateLimit", "\"resolvers\";r=0;t=55", 56)]
    public async Task Who_is_asked_to_wait_waits_that_long(int status, string header, string value, int seconds)
    {
        Hub.Time.IsFastThroughout = true;
        OnStorage(call => call == 2, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers[header] = value;
            return Task.CompletedTask;
        });
        AssertWhole(await GetAsync());
        Assert.Contains(TimeSpan.FromSeconds(seconds), Hub.Time.Waits);
    }

    [Fact]
    public async Task Who_is_asked_to_wait_too_long_says_so_at_once()
    {
        OnHub(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "600";
        });
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Contains("600 seconds", error.Message, StringComparison.Ordinal);
        Assert.Single(Hub.Requests);
    }

    [Fact]
    public async Task Who_is_asked_to_wait_again_and_again_gives_up()
    {
        Hub.Time.IsFastThroughout = true;
        OnHub(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "50";
        });
        await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Equal(3, Hub.Requests.Count);
    }

    [Fact]
    public async Task Attempts_before_the_first_byte_come_later_and_later_and_end_soon()
    {
        OnHub(context => context.Response.StatusCode = 502);
        await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Equal(5, Hub.Requests.Count);
        TimeSpan[] waits = [.. Hub.Time.Waits.Where(wait => wait < Hub.Settings.StallTimeout)];
        Assert.Equal(4, waits.Length);
        Assert.Equal(waits.Order(), waits);
        Assert.InRange(waits[^1].TotalSeconds, 3, 4);
    }

    [Fact]
    public async Task After_the_first_byte_an_outage_of_a_minute_is_waited_for()
    {
        OnStorage(call => call is > 2 and < 12, Abort);
        AssertWhole(await GetAsync(connections: 1));
        TimeSpan[] waits = [.. Hub.Time.Waits.Where(wait => wait < Hub.Settings.StallTimeout)];
        Assert.InRange(waits.Sum(wait => wait.TotalSeconds), 56, 76);
        Assert.All(waits, wait => Assert.True(wait <= Hub.Settings.LongestPause));
    }

    [Fact]
    public async Task After_the_first_byte_an_outage_of_two_minutes_ends_it()
    {
        OnStorage(call => call > 2, Abort);
        await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1);
        double waited = Hub.Time.Waits.Where(wait => wait < Hub.Settings.StallTimeout).Sum(wait => wait.TotalSeconds);
        Assert.InRange(waited, 90, 120);
    }
}
