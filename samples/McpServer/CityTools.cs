using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace McpServer;

/// <summary>What the server offers. It makes its answers up, so that it needs no network.</summary>
[McpServerToolType]
internal sealed class CityTools
{
    [McpServerTool(Name = "GetWeather"), Description("Gets the weather of a city.")]
    public static string GetWeather([Description("The city.")] string city) =>
        $"Sunny in {city}, {15 + (city.Length % 10)} degrees";

    [McpServerTool(Name = "GetTime"), Description("Gets the current time in a city.")]
    public static string GetTime([Description("The city.")] string city) => $"{8 + (city.Length % 10)}:30";

    /// <exception cref="McpException">Always: nothing is ever ordered here. The client reads its message.</exception>
    [McpServerTool(Name = "TrackOrder"), Description("Gets the status of an order.")]
    public static string TrackOrder([Description("The order id.")] string id) =>
        throw new McpException($"There is no order {id}.");
}
