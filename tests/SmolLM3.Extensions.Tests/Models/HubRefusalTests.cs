using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>What the hub refuses, what is refused of the hub, and what is not to be had without it.</summary>
public sealed class HubRefusalTests : IAsyncLifetime
{
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await FakeHub.StartAsync("model-Q8_0.gguf", "model-F16.gguf");

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [InlineData(403, "GatedRepo", "token", "Accept its terms")]
    [InlineData(401, "GatedRepo", null, "set HF_TOKEN")]
    [InlineData(401, "RepoNotFound", null, "private, gated, or not there")]
    [InlineData(403, null, "token", "this token")]
    public async Task Who_may_not_read_is_told_what_to_do(int status, string? code, string? token, string expected)
    {
        Answer(status, code);
        ModelDownloadException error = await FailAsync(
            "owner/repo:Q8_0", ModelDownloadProblem.AccessDenied, _hub.Settings with { Token = token });
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'token'", error.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task A_repository_that_is_not_there_names_those_that_are()
    {
        ModelDownloadException error = await FailAsync("owner/none", ModelDownloadProblem.NotFound);
        Assert.Contains("owner/none", error.Message, StringComparison.Ordinal);
        Assert.Contains(ModelCatalogue.DefaultName, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("owner/repo", "Q4_K_M")]
    [InlineData("owner/repo:Q5_K_S", "Q5_K_S")]
    [InlineData("owner/repo/other.gguf", "other.gguf")]
    public async Task A_file_or_quantization_that_is_not_there_names_those_that_are(string model, string wanted)
    {
        ModelDownloadException error = await FailAsync(model, ModelDownloadProblem.NotFound);
        Assert.Contains($"no {wanted}", error.Message, StringComparison.Ordinal);
        Assert.Contains("model-Q8_0.gguf, model-F16.gguf", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("README", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../../evil-Q4_K_M.gguf")]
    [InlineData("/evil-Q4_K_M.gguf")]
    [InlineData("..\\\\evil-Q4_K_M.gguf")]
    [InlineData("C:evil-Q4_K_M.gguf")]
    public async Task A_name_that_leads_out_of_the_cache_is_refused(string name)
    {
        _hub.OnListing = json => json.Replace("model-Q8_0.gguf", name, StringComparison.Ordinal);
        ModelDownloadException error = await FailAsync("owner/repo", ModelDownloadProblem.HubFailed);
        Assert.Contains("leads out", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _hub.Fetches);
    }

    [Theory]
    [InlineData("\"sha\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"sha\":\"../../aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")]
    [InlineData("\"sha256\":\"", "\"sha256\":\"../")]
    [InlineData("\"siblings\"", "\"nothing\"")]
    [InlineData("{", "no JSON")]
    public async Task A_listing_that_makes_no_sense_is_refused(string part, string instead)
    {
        _hub.OnListing = json => json.Replace(part, instead, StringComparison.Ordinal);
        ModelDownloadException error = await Assert.ThrowsAsync<ModelDownloadException>(() => GetAsync("owner/repo:Q8_0"));
        Assert.True(error.Problem is ModelDownloadProblem.HubFailed or ModelDownloadProblem.NotFound);
        Assert.Empty(Directory.GetDirectories(_hub.Settings.Cache));
    }

    [Fact]
    public async Task Another_file_than_the_listed_one_is_refused()
    {
        _hub.OnListing = json => json.Replace(
            FakeHub.Id(_hub.Files["model-Q8_0.gguf"]), new string('0', 64), StringComparison.Ordinal);
        ModelDownloadException error = await FailAsync("owner/repo:Q8_0", ModelDownloadProblem.HubFailed);
        Assert.Contains("another file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("owner/repo:Q5_K_M")]
    [InlineData("owner/repo/big/model-Q5_K_M-00001-of-00002.gguf")]
    public async Task A_part_of_a_split_model_is_refused_before_it_is_fetched_and_a_whole_one_named(string model)
    {
        _hub.Files["big/model-Q5_K_M-00001-of-00002.gguf"] = FakeHub.Bytes(10);
        _hub.Files["big/model-Q5_K_M-00002-of-00002.gguf"] = FakeHub.Bytes(11);
        ModelDownloadException error = await FailAsync(model, ModelDownloadProblem.NotFound);
        Assert.Contains("00001-of-00002.gguf of owner/repo is one part", error.Message, StringComparison.Ordinal);
        Assert.Contains("Take a whole file, owner/repo/model-Q8_0.gguf", error.Message, StringComparison.Ordinal);

        _hub.Files.Remove("model-Q8_0.gguf");
        _hub.Files.Remove("model-F16.gguf");
        Assert.Contains(
            "llama-gguf-split --merge", (await FailAsync(model, ModelDownloadProblem.NotFound)).Message,
            StringComparison.Ordinal);
        Assert.Equal(0, _hub.Fetches);
    }

    [Fact]
    public async Task A_listing_without_end_is_refused()
    {
        _hub.OnListing = json => json + new string(' ', 17_000_000);
        ModelDownloadException error = await FailAsync("owner/repo:Q8_0", ModelDownloadProblem.HubFailed);
        Assert.Contains("longer than 16,777,216 bytes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf_se cret")]
    [InlineData("hf_sécret")]
    [InlineData("hf_se\tcret")]
    public async Task A_token_that_can_be_none_is_refused_without_saying_it(string token)
    {
        ModelDownloadException error = await FailAsync(
            "owner/repo:Q8_0", ModelDownloadProblem.AccessDenied, _hub.Settings with { Token = token });
        Assert.Contains("HF_TOKEN", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_hub.Requests);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/file")]
    [InlineData("/owner/repo/resolve/loop")]
    public async Task Strange_redirects_are_refused(string location)
    {
        _hub.OnHub = context =>
        {
            bool isFile = context.Request.Path.Value!.Contains("/resolve/", StringComparison.Ordinal);
            if (isFile)
            {
                context.Response.Redirect(location);
            }

            return Task.FromResult(isFile);
        };
        await FailAsync("owner/repo:Q8_0", ModelDownloadProblem.HubFailed);
    }

    [Fact]
    public async Task An_endpoint_that_is_no_address_is_named() => Assert.Contains(
        "'mirror'",
        (await FailAsync(
            "owner/repo", ModelDownloadProblem.HubFailed, _hub.Settings with { Endpoint = "mirror" })).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(true, true, "HF_HUB_OFFLINE")]
    [InlineData(false, false, "AllowDownload")]
    public async Task Without_downloads_only_what_is_here_is_served(bool isOffline, bool mayDownload, string expected)
    {
        string path = await GetAsync("owner/repo:Q8_0");
        HubSettings settings = _hub.Settings with { IsOffline = isOffline };
        int requests = _hub.Requests.Count;

        // The only file will do where nobody said which: there is nobody to ask for another.
        Assert.Equal(path, await GetAsync("owner/repo", settings, mayDownload));
        ModelDownloadException error = await Assert.ThrowsAsync<ModelDownloadException>(
            () => GetAsync("owner/repo:F16", settings, mayDownload));
        Assert.Equal(ModelDownloadProblem.Offline, error.Problem);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("model-Q8_0.gguf", error.Message, StringComparison.Ordinal);
        Assert.Equal(requests, _hub.Requests.Count);
    }

    private void Answer(int status, string? code) => _hub.OnHub = context =>
    {
        context.Response.StatusCode = status;
        if (code is not null)
        {
            context.Response.Headers["X-Error-Code"] = code;
        }

        return Task.FromResult(true);
    };

    private Task<string> GetAsync(string model, HubSettings? settings = null, bool mayDownload = true) =>
        new ModelHub(settings ?? _hub.Settings, new RecordingLoggerFactory()).GetAsync(
            TemporaryCache.Reference(model), mayDownload, isNewest: false, null, default);

    private async Task<ModelDownloadException> FailAsync(
        string model, ModelDownloadProblem problem, HubSettings? settings = null)
    {
        ModelDownloadException error =
            await Assert.ThrowsAsync<ModelDownloadException>(() => GetAsync(model, settings));
        Assert.Equal(problem, error.Problem);
        return error;
    }
}
