using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>A hub on this machine with one repository, and a second host that has its large files, as the real one does.
/// Tests put themselves in the way of its answers.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Repository = "owner/repo";
    public const string Commit = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private readonly WebApplication _hub;
    private readonly WebApplication _storage;
    private readonly string _folder = Directory.CreateTempSubdirectory("smollm3-hub-").FullName;

    private FakeHub()
    {
        _hub = Build(HandleHubAsync);
        _storage = Build(HandleStorageAsync);
    }

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Every request that came, in order: host, path, range and token.</summary>
    public ConcurrentQueue<(bool IsHub, string Path, string Range, string Token)> Requests { get; } = [];

    /// <summary>Answers in the hub's place; false: it did not.</summary>
    public Func<HttpContext, Task<bool>> OnHub { get; set; } = _ => Task.FromResult(false);

    /// <summary>Answers in the storage's place; false: it did not.</summary>
    public Func<HttpContext, Task<bool>> OnStorage { get; set; } = _ => Task.FromResult(false);

    /// <summary>Changes what the hub says of its files.</summary>
    public Func<string, string> OnListing { get; set; } = json => json;

    public bool GivesParts { get; set; } = true;

    public FastTime Time { get; } = new();

    public string Address => _hub.Urls.First();

    /// <summary>Requests for bytes.</summary>
    public int Fetches => Requests.Count(request => !request.IsHub);

    public HubSettings Settings => new()
    {
        Endpoint = Address, Cache = _folder, SegmentBytes = 100_000, Time = Time,
    };

    public HubCache Cache => new(_folder);

    public static async Task<FakeHub> StartAsync(params string[] files)
    {
        FakeHub hub = new();
        foreach (string name in files)
        {
            hub.Files[name] = Bytes(450_000);
        }

        await hub._hub.StartAsync();
        await hub._storage.StartAsync();
        return hub;
    }

    public static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    public static string Id(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Sends part of a file as the storage does, or as much of it as is wanted before a cut.</summary>
    public static async Task SendAsync(
        HttpContext context,
        byte[] bytes,
        bool part,
        int? most = null,
        Func<int, Task>? arrived = null,
        long? total = null,
        int shift = 0,
        string tag = "storage")
    {
        (int from, int end) = (0, bytes.Length);
        if (part && context.Request.GetTypedHeaders().Range?.Ranges.First() is { } range)
        {
            (from, end) = ((int)range.From!.Value, (int)Math.Min(bytes.Length, range.To!.Value + 1));
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from + shift}-{end - 1}/{total ?? bytes.Length}";
        }

        context.Response.Headers.ETag = $"\"{tag}\"";
        context.Response.ContentLength = end - from;
        await context.Response.Body.WriteAsync(bytes.AsMemory(from, Math.Min(most ?? int.MaxValue, end - from)));
        await context.Response.Body.FlushAsync();
        if (most < end - from)
        {
            // A cut takes with it what is still on its way.
            await (arrived?.Invoke(from + most.Value) ?? Task.CompletedTask);
            context.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _storage.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static WebApplication Build(RequestDelegate handle)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication application = builder.Build();
        application.Run(handle);
        return application;
    }

    private void Note(HttpContext context, bool isHub) => Requests.Enqueue((
        isHub, context.Request.Path.Value!, context.Request.Headers.Range.ToString(),
        context.Request.Headers.Authorization.ToString()));

    private async Task HandleHubAsync(HttpContext context)
    {
        Note(context, isHub: true);
        if (await OnHub(context))
        {
            return;
        }

        string path = context.Request.Path.Value!;
        string resolve = $"/{Repository}/resolve/{Commit}/";
        if (path == $"/api/models/{Repository}/revision/main")
        {
            await context.Response.WriteAsync(OnListing(Listing()));
        }
        else if (path.StartsWith(resolve, StringComparison.Ordinal)
            && Files.TryGetValue(path[resolve.Length..], out byte[]? bytes))
        {
            context.Response.Headers["X-Linked-Etag"] = $"\"{Id(bytes)}\"";
            context.Response.Headers["X-Linked-Size"] = bytes.Length.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Repo-Commit"] = Commit;
            string file = path[resolve.Length..].Replace(" ", "%20", StringComparison.Ordinal);
            context.Response.Redirect($"{_storage.Urls.First()}/{file}?signed");
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private async Task HandleStorageAsync(HttpContext context)
    {
        Note(context, isHub: false);
        if (!await OnStorage(context))
        {
            await SendAsync(context, Files[context.Request.Path.Value![1..]], GivesParts);
        }
    }

    private string Listing() => JsonSerializer.Serialize(new
    {
        id = Repository,
        sha = Commit,
        siblings = Files.Select(file => (object)new
        {
            rfilename = file.Key,
            size = file.Value.Length,
            blobId = new string('b', 40),
            lfs = new { sha256 = Id(file.Value), size = file.Value.Length, pointerSize = 135 },
        }).Append(new { rfilename = "README.md", size = 5, blobId = new string('c', 40) }),
    });
}
