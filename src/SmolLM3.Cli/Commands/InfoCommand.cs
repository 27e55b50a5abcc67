using System.CommandLine;
using SmolLM3.Cli.Info;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 info</c>: what a file holds and how much memory it takes.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var context = Arguments.Count(1, "Tokens whose memory is asked for; default: the usual lengths.", "--context");
        var kv = Arguments.Kv();
        var yarn = Arguments.Yarn();
        var json = Arguments.Json();
        var command = new Command("info", "Tells what a model holds and what memory it takes.")
        {
            context, kv, yarn, json,
        };
        Func<ParseResult, string> model = Arguments.ModelOf(command);
        command.SetAction(result =>
        {
            ModelSource source = LocalModels.Find(model(result));
            using GgufFile file = source.Open();
            ModelFacts facts = ModelFacts.Read(
                file, source.Identity, result.GetValue(context), result.GetValue(kv), result.GetValue(yarn));
            if (result.GetValue(json))
            {
                Console.WriteLine(Json.Page(facts));
            }
            else
            {
                InfoPage.Write(facts);
            }
        });
        return command;
    }
}
