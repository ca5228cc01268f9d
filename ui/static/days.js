// Runs when the filters are shown: days are chosen on the browser's own calendar, in its language.
for (const field of document.querySelectorAll("#filter-after input, #filter-before input")) field.type = "date";
