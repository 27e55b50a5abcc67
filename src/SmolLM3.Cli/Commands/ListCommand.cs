using System.CommandLine;
using Spectre.Console;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 list</c>: the models on this machine, and those that are known.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var json = Arguments.Json("Write the models on this machine as a JSON array.");
        var command = new Command("list", "Lists the GGUF files in the cache, and the models that are known.") { json };
        command.SetAction(result =>
        {
            ModelRow[] rows = [.. LocalModels.Cache.Files().Select(ModelRow.Of)];
            if (result.GetValue(json))
            {
                Console.WriteLine(Json.Page(rows));
                return;
            }

            Table here = Table("on this machine", "");
            foreach (ModelRow row in rows)
            {
                here.AddRow(new Text(Visible.Of(row.Model)), new Text(ByteText.Of(row.Bytes)).RightJustified());
            }

            if (rows.Length == 0)
            {
                here.AddRow("nothing yet: smollm3 pull", "");
            }

            Table known = Table("known", "");
            foreach (KnownModel model in ModelCatalogue.Known)
            {
                known.AddRow(new Text(model.Name), new Text(model.Description));
            }

            AnsiConsole.Write(here);
            AnsiConsole.Write(known);
        });
        return command;
    }

    private static Table Table(params string[] columns) =>
        new Table().Border(TableBorder.Simple).AddColumns(columns);
}
