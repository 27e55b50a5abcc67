using System.Text.RegularExpressions;

namespace SmolLM3.Extensions.Models;

/// <summary>Where the hub is, where its files are kept, and how they are fetched. The variables are those of
/// huggingface_hub, so that both tools mean the same folder and the same account.</summary>
internal sealed partial record HubSettings
{
    private const string PublicHub = "https://huggingface.co";

    /// <summary>The hub, without a slash at its end.</summary>
    public string Endpoint { get; init; } = PublicHub;

    /// <summary>The folder the cache is in.</summary>
    public required string Cache { get; init; }

    /// <summary>Who asks; null: nobody in particular.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the token can stand in a request: printable ASCII without blanks.</summary>
    public bool IsTokenSound => Token is null || Token.All(c => c is > ' ' and <= '~');

    /// <summary>Whether the hub must not be asked.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Whether snapshots may link to the bytes; else the bytes lie in them.</summary>
    public bool MayLink { get; init; } = true;

    /// <summary>Connections one file comes over. One alone rarely fills a line across an ocean; more than a few only
    /// take from others.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>What one connection asks for at a time, in bytes.</summary>
    public long SegmentBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a connection may say nothing before it counts as cut.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long attempts may fail before the first byte came. Who has no network, or a wrong address, sits before
    /// an empty screen and wants to know.</summary>
    public TimeSpan FirstPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long attempts may fail without a byte between, after the first one. A line that changes and a server
    /// that starts again take a minute; it is also the longest wait a server may ask for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest pause between two attempts that nobody asked for.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(15);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Bytes that are free in a folder; null: nobody knows.</summary>
    public Func<string, long?> FreeBytes { get; init; } = FreeDisk.Measure;

    public static HubSettings FromEnvironment() => From(
        Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));

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
            Token = IsTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")
                ? null
                : Clean(Text("HF_TOKEN") ?? Text("HUGGING_FACE_HUB_TOKEN") ?? Read(tokenFile)),
            IsOffline = IsTrue(Text("HF_HUB_OFFLINE") is null ? "TRANSFORMERS_OFFLINE" : "HF_HUB_OFFLINE"),
            MayLink = !IsTrue("HF_HUB_DISABLE_SYMLINKS"),
        };

        string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } text ? text : null;

        string? Folder(string name) => Text(name) switch
        {
            null => null,
            "~" => home,
            ['~', '/' or '\\', .. string rest] => Path.Combine(home, Expand(rest)),
            { } path => Path.GetFullPath(Expand(path)),
        };

        // As Python does it: what is not set stays as it is written, and what is put in is not looked at again.
        string Expand(string path) => Variable().Replace(path, match =>
            match.Value[0] == '%' && !OperatingSystem.IsWindows()
                ? match.Value
                : variable(match.Groups["name"].Value) ?? match.Value);

        bool IsTrue(string name) => Text(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
    }

    /// <summary>Line breaks are no part of a token, wherever a copy got them from.</summary>
    private static string? Clean(string? token) => token?
        .Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\$\{(?<name>[^{}]+)\}|\$(?<name>[A-Za-z0-9_]+)|%(?<name>[^%]+)%", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();

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
