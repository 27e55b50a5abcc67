using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

internal sealed class WeatherPlugin
{
    public List<string> Cities { get; } = [];

    [KernelFunction, Description("Gets the weather of a city.")]
    public string GetWeather(string city)
    {
        Cities.Add(city);
        return "Sunny, 24 degrees";
    }

    [KernelFunction, Description("Gets the current time in a city.")]
    public string GetCurrentTime(string city) => city == "Nowhere" ? throw new ArgumentException("no such city") : "12:00";
}
