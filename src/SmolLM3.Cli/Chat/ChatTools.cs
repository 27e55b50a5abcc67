using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Chat;

/// <summary>What the model may call in a chat: nothing that reaches out of the process or changes anything.</summary>
internal static class ChatTools
{
    public static IList<AITool> Create(TimeProvider time) =>
    [
        AIFunctionFactory.Create(
            () => time.GetLocalNow().ToString("dddd yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture),
            "get_current_time",
            "Gets the current date and local time."),
        AIFunctionFactory.Create(
            ([Description("The least number.")] int least, [Description("The largest number.")] int largest) =>
                least <= largest ? Random.Shared.NextInt64(least, (long)largest + 1) : throw new ArgumentException(
                    "The least number is above the largest."),
            "get_random_number",
            "Draws a whole number at random."),
    ];
}
