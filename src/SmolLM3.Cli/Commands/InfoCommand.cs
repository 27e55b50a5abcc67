using System.CommandLine;
using SmolLM3.Cli.Info;
using SmolLM3.Cli.Models;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 info</c>: what a file holds and how much memory it takes.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model")
        {
            Description = "The GGUF file, or the name of a model that was pulled.", HelpName = "FILE|MODEL",
        };
        var context = Arguments.Count(1, "Tokens whose memory is asked for; default: the usual lengths.", "--context");
        var kv = Arguments.Kv();
        var yarn = Arguments.Yarn();
        var json = new Option<bool>("--json") { Description = "Write one JSON object." };
        var command = new Command("info", "Tells what a model holds and what memory it takes.")
        {
            model, context, kv, yarn, json,
        };
        command.SetAction(result =>
        {
            string path = LocalModels.PathOf(result.GetRequiredValue(model));
            using GgufFile file = GgufFile.Open(path);
            ModelFacts facts = ModelFacts.Read(
                file, path, result.GetValue(context), result.GetValue(kv), result.GetValue(yarn));
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
