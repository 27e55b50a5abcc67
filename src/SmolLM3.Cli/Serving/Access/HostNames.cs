using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HostFiltering;

namespace SmolLM3.Cli.Serving.Access;

/// <summary>Which names a request may call this server by. On loopback only its own: a foreign web page whose name was
/// made to point to 127.0.0.1 would otherwise count as this server's own page (DNS rebinding).</summary>
internal static class HostNames
{
    public static Action<HostFilteringOptions> Configure(ServerSettings settings) => options =>
    {
        options.AllowEmptyHosts = false;
        options.IncludeFailureMessage = false;
        options.AllowedHosts = Of(settings);
    };

    private static string[] Of(ServerSettings settings)
    {
        // What can be reached from elsewhere has names it does not know of, and keys.
        if (!IPAddress.IsLoopback(settings.Address) && settings.HostNames.Count == 0)
        {
            return ["*"];
        }

        string own = settings.Address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{settings.Address}]" : settings.Address.ToString();
        return ["localhost", "127.0.0.1", "[::1]", own, .. settings.HostNames];
    }
}
