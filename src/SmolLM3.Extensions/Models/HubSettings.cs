namespace SmolLM3.Extensions.Models;

/// <summary>Where the hub is, where its files are kept, and how they are fetched. The variables are those of
/// huggingface_hub, so that both tools mean the same folder and the same account.</summary>
internal sealed record HubSettings
{
    private const string PublicHub = "https://huggingface.co";

    /// <summary>The hub, without a slash at its end.</summary>
    public string Endpoint { get; init; } = PublicHub;

    /// <summary>The folder the cache is in.</summary>
    public required string Cache { get; init; }

    /// <summary>Who asks; null: nobody in particular.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the hub must not be asked.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Connections one file comes over. One alone rarely fills a line across an ocean; more than a few only
    /// take from others.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>What one connection asks for at a time, in bytes.</summary>
    public long SegmentBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a connection may say nothing before it counts as cut.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often in a row an attempt may fail, without a byte between, before the download does.</summary>
    public int MostFailures { get; init; } = 5;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Bytes that are free in a folder; null: nobody knows.</summary>
    public Func<string, long?> FreeBytes { get; init; } = FreeDisk.Measure;

    public static HubSettings FromEnvironment() => From(
        Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>Reads the variables.</summary>
    /// <param name="variable">A variable, or null.</param>
    /// <param name="home">The user's folder.</param>
    public static HubSettings From(Func<string, string?> variable, string home)
    {
        string caches = Folder("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache");
        string own = Folder("HF_HOME") ?? Path.Combine(caches, "huggingface");
        string tokenFile = Folder("HF_TOKEN_PATH") ?? Path.Combine(own, "token");
        return new()
        {
            Endpoint = (Text("HF_ENDPOINT") ?? PublicHub).TrimEnd('/'),
            Cache = Folder("HF_HUB_CACHE") ?? Folder("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(own, "hub"),
            Token = Text("HF_TOKEN") ?? Text("HUGGING_FACE_HUB_TOKEN") ?? Read(tokenFile),
            IsOffline = IsTrue("HF_HUB_OFFLINE") || IsTrue("TRANSFORMERS_OFFLINE"),
        };

        string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } text ? text : null;

        string? Folder(string name) => Text(name) switch
        {
            null => null,
            "~" => home,
            ['~', '/' or '\\', .. string rest] => Path.Combine(home, rest),
            { } path => Path.GetFullPath(path),
        };

        bool IsTrue(string name) => Text(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
    }

    private static string? Read(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is public is to be had without it, and the hub says where it is needed.
            return null;
        }
    }
}
