using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>What formats have that <see cref="Patterns.StringFormats"/>, made for writing, leaves out. A little more
/// than that, too: a text that is refused here is refused by the standard.</summary>
internal static class FormatsAtLarge
{
    /// <summary>Whether a text may have a format in a form that is never written here.</summary>
    public static bool Allow(string format, string text) => format switch
    {
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _) && !text.Any(char.IsWhiteSpace),
        "email" => text.LastIndexOf('@') is > 0 and int at && at < text.Length - 1,
        "ipv6" => text.Contains(':') && IPAddress.TryParse(text, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetworkV6,
        "date-time" => text.AsSpan().IndexOfAny('T', 't') > 0 && HasTime(text),
        "time" => HasTime(text),
        "hostname" => Uri.CheckHostName(text) == UriHostNameType.Dns,
        _ => false,
    };

    // Seconds may be 60, which no DateTime has.
    private static bool HasTime(string text) => DateTimeOffset.TryParse(
        text.Replace(":60", ":59", StringComparison.Ordinal), CultureInfo.InvariantCulture, out _);
}
