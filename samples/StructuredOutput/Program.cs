using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

// Answers of a certain form: the model cannot write anything else, so nothing needs repair. (The tiny model holds to the
// form like any other, but what it puts there means little.)
//   dotnet run --project samples/StructuredOutput                             (the tiny model, nothing to download)
//   dotnet run --project samples/StructuredOutput -- SmolLM3-Q4_K_M.gguf      (the real one)
SmolLM3Options options = args is [string path]
    ? new() { Model = path }
    : new SmolLM3Options { Temperature = 0 }.UseTinyModel(); // Drawn at random, its tokens go wrong now and then.
using var client = new SmolLM3ChatClient(options);
const string Review = "Maria, 34, wrote: what a lovely hotel! We arrived at 10:45 and stayed for a week.";

Console.WriteLine("== A type ==");
ChatResponse<Guest> guest = await client.GetResponseAsync<Guest>($"Who wrote this? {Review}");
Console.WriteLine(guest.Result);

Console.WriteLine("== One of several texts ==");
ChatResponse mood = await client.GetResponseAsync(
    $"Did they like it? {Review}", With(new() { Choices = ["yes", "no", "cannot be told"] }));
Console.WriteLine(mood.Text);

Console.WriteLine("== A pattern ==");
ChatResponse arrival = await client.GetResponseAsync(
    $"When did they arrive? {Review}", With(new() { Regex = "([01][0-9]|2[0-3]):[0-5][0-9]" }));
Console.WriteLine(arrival.Text);

// What ChatOptions has no member for.
static ChatOptions With(SmolLM3RequestOptions request) => new() { RawRepresentationFactory = _ => request };

internal sealed record Guest(
    [property: MaxLength(20), Description("Name of the guest.")] string Name,
    [property: Range(0, 120)] int Age,
    Mood Mood);

internal enum Mood
{
    Calm,
    Merry,
    Angry,
}
