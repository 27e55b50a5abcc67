using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>A network and a hub that misbehave.</summary>
public sealed class DownloadTroubleTests : DownloadTests
{
    [Fact]
    public async Task After_a_cut_it_goes_on_at_the_byte_it_was_cut_at()
    {
        OnStorage(call => call < 4, context => FakeHub.SendAsync(context, Bytes, part: true, most: 30_000, ArrivedAsync));
        AssertWhole(await GetAsync(connections: 1));
        Assert.Contains("bytes=30000-99999", Hub.Requests.Select(request => request.Range));
        Assert.Contains("bytes=90000-99999", Hub.Requests.Select(request => request.Range));
    }

    [Fact]
    public async Task What_came_before_the_hub_was_gone_is_kept_for_the_next_try()
    {
        OnStorage(call => call > 2, Abort);
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1);
        Assert.Contains("next try", error.Message, StringComparison.Ordinal);
        Assert.Equal(200_000, Kept);

        int before = Hub.Fetches;
        Hub.OnStorage = _ => Task.FromResult(false);
        AssertWhole(await GetAsync());
        Assert.Equal(3, Hub.Fetches - before);
    }

    [Fact]
    public async Task A_cancelled_download_keeps_what_came()
    {
        using CancellationTokenSource source = new();
        OnStorage(call => call == 3, async context =>
        {
            await source.CancelAsync();
            await Abort(context);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GetAsync(connections: 1, source.Token));
        Assert.Equal(200_000, Kept);
        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task A_connection_that_says_nothing_counts_as_cut()
    {
        using SemaphoreSlim never = new(0);
        Hub.Time.IsFastThroughout = true;
        OnStorage(call => call == 1, async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-99999/{Bytes.Length}";
            context.Response.ContentLength = 100_000;
            await context.Response.Body.WriteAsync(Bytes.AsMemory(0, 10_000));
            await context.Response.Body.FlushAsync();
            await never.WaitAsync(context.RequestAborted);
        });
        AssertWhole(await GetAsync(connections: 1));
        Assert.Contains("bytes=10000-99999", Hub.Requests.Select(request => request.Range));
        Assert.Contains(Logs.Entries, entry => entry.Message.Contains("nothing came for 30", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_parts_gives_the_whole_over_one_connection()
    {
        Hub.GivesParts = false;
        AssertWhole(await GetAsync());
        Assert.Equal(1, Hub.Fetches);
    }

    [Fact]
    public async Task A_server_without_parts_that_cuts_is_asked_again()
    {
        Hub.GivesParts = false;
        OnStorage(call => call == 1, context => FakeHub.SendAsync(context, Bytes, part: false, most: 250_000));
        AssertWhole(await GetAsync());
        Assert.Equal(2, Hub.Fetches);
    }

    [Fact]
    public async Task A_part_that_is_shorter_than_it_says_is_asked_for_again()
    {
        OnStorage(call => call == 1, async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-99999/{Bytes.Length}";
            await context.Response.Body.WriteAsync(Bytes.AsMemory(0, 60_000));
        });
        AssertWhole(await GetAsync(connections: 1));
        Assert.Contains("bytes=60000-99999", Hub.Requests.Select(request => request.Range));
    }

    [Theory]
    [InlineData(450_001L, 0)]
    [InlineData(null, 7)]
    public async Task A_part_of_another_length_or_place_is_refused(long? total, int shift)
    {
        OnStorage(_ => true, context => FakeHub.SendAsync(context, Bytes, part: true, total: total, shift: shift));
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Contains("contradict", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Kept);
    }

    [Fact]
    public async Task A_whole_of_another_length_than_listed_is_refused()
    {
        OnStorage(_ => true, context => FakeHub.SendAsync(context, Bytes[..400_000], part: false));
        await FailAsync(ModelDownloadProblem.HubFailed);
    }

    [Fact]
    public async Task Damaged_bytes_are_noticed_and_dropped()
    {
        byte[] damaged = [.. Bytes];
        damaged[333_333] ^= 1;
        OnStorage(_ => true, context => FakeHub.SendAsync(context, damaged, part: true));
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.Damaged);
        Assert.Contains(FakeHub.Id(Bytes), error.Message, StringComparison.Ordinal);
        Assert.Empty(Hub.Cache.Partials(FakeHub.Repository));
        Assert.Empty(Hub.Cache.Files());
        Hub.OnStorage = _ => Task.FromResult(false);
        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task A_whole_after_parts_is_not_written_over_what_others_write()
    {
        byte[] other = [.. Bytes.Select(value => (byte)~value)];
        OnStorage(_ => true, context =>
        {
            if (context.Request.Headers.IfRange == "\"old\"")
            {
                return FakeHub.SendAsync(context, other, part: false);
            }

            return FakeHub.SendAsync(context, Bytes, part: true, tag: Calls == 1 ? "old" : "new");
        });
        AssertWhole(await GetAsync());
        Assert.Contains(Logs.Entries, entry => entry.Message.Contains("now all of it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_expired_is_asked_for_anew()
    {
        OnStorage(call => call == 2, context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task Nobody_at_the_address_is_said_to_be_so()
    {
        ModelDownloadException error = await FailAsync(
            ModelDownloadProblem.HubNotReachable, settings: Hub.Settings with { Endpoint = "http://127.0.0.1:1" });
        Assert.Contains("http://127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY", error.Message, StringComparison.Ordinal);
    }
}
