using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.TinyModelTests;

/// <summary>The model's six languages, on real weights: greetings, functions and JSON. Other writing systems are tested
/// over scripted answers, which say what this model cannot.</summary>
public class LanguageTests(TinyClient tiny) : IClassFixture<TinyClient>
{
    [Theory]
    [InlineData("Hello! How are you?")]
    [InlineData("Bonjour ! Ça va ?")]
    [InlineData("¡Buenos días! ¿Qué tal?")]
    [InlineData("Grüß dich! Wie geht's?")]
    [InlineData("Ciao! Com'è andata?")]
    [InlineData("Olá! Tudo bem? Até amanhã!")]
    public async Task A_greeting_streams_as_it_is_answered_at_once(string greeting)
    {
        List<ChatResponseUpdate> updates =
            await tiny.Client.GetStreamingResponseAsync(greeting, TinyClient.Greedy).ToListAsync();
        ChatResponse whole = await tiny.Ask(greeting);

        Assert.NotEmpty(whole.Text);
        Assert.Equal(whole.Text, string.Concat(updates.Select(update => update.Text)));
        Assert.DoesNotContain('\uFFFD', whole.Text);
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
    }

    [Theory]
    [InlineData("What is the weather in Zürich?", "Zürich")]
    [InlineData("Quel temps fait-il à Besançon ?", "Besançon")]
    [InlineData("¿Qué tiempo hace en Málaga?", "Málaga")]
    [InlineData("Wie ist das Wetter in Köln?", "Köln")]
    [InlineData("Che tempo fa a Bogotá?", "Bogotá")]
    [InlineData("Como está o tempo em São Paulo?", "São Paulo")]
    public async Task A_function_gets_its_city_letter_by_letter(string question, string expected)
    {
        List<string> cities = [];
        AIFunction weather = AIFunctionFactory.Create(
            (string city) =>
            {
                cities.Add(city);
                return $"{city}: 24°, ☀️";
            },
            "GetWeather",
            "Gets the weather of a city.");
        using IChatClient agent = new ChatClientBuilder(new NotDisposed(tiny.Client)).UseFunctionInvocation().Build();
        ChatOptions options = TinyClient.Greedy;
        options.Tools = [weather];
        ChatResponse response = await agent.GetStreamingResponseAsync(question, options).ToChatResponseAsync();

        Assert.Equal([expected], cities);
        Assert.Contains(expected, response.Text);
        Assert.DoesNotContain('\uFFFD', response.Text);
    }

    [Theory]
    [InlineData("Is it so?", "certainly", "مؤكد")]
    [InlineData("C'est vrai ?", "peut-être", "可能")]
    [InlineData("Ist das so?", "natürlich", "👩‍👩‍👧‍👦🇵🇹")]
    [InlineData("¿De verdad?", "mañana", "возможно")]
    [InlineData("Davvero?", "così è", "e\u0301 \u0928\u093f")]
    [InlineData("É mesmo?", "não", "はい")]
    public async Task Json_holds_to_words_of_any_script(string question, string first, string second)
    {
        ChatOptions options = TinyClient.Greedy;
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(
            new { @enum = new[] { first, second } }));
        ChatResponse response = await tiny.Ask(question, options);

        string? word = JsonElement.Parse(response.Text).GetString();
        Assert.Contains(word, (string[])[first, second]);

        // The likelier one is out of the choice: the other comes just as whole.
        string other = word == first ? second : first;
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(
            new { @const = other }));
        Assert.Equal(other, JsonElement.Parse((await tiny.Ask(question, options)).Text).GetString());
    }
}
