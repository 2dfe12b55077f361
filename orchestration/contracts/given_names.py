"""Common given names, by which a name without a title is known in a text.

Chosen from the Office for National Statistics' baby names (England and Wales) and names common among
communities of the city. Left out are those that are mostly words, months, places or surnames in
English text (Grace, Rose, Mark, Will, April, May, Victoria, Chelsea, Stanley). A name that is not
listed is only found with a title or an introduction: docs/data-protection.md says so.
"""

# One group a line, to be read and reviewed; the order means nothing.
_LISTED = """
    John David Michael Peter Paul James Robert Andrew Stephen Steven Christopher Richard Thomas Anthony
    Simon Matthew Daniel Philip Kevin Gary Ian Alan Alexander Benjamin Samuel Joshua Jonathan Timothy
    Nicholas Edward Joseph Patrick Martin Graham Colin Keith Kenneth Brian Raymond Trevor Nigel Stuart
    Darren Wayne Craig Lee Jason Adam Ryan Liam Connor Callum Jordan Kyle Jake Luke Nathan Aaron Harry
    Oliver Charlie Alfie Archie Ethan Dylan Lewis Scott Sean Shaun Neil Gareth Carl Dean Barry Derek
    Geoffrey Gordon Roger Terence Terry Leslie Dennis Donald Frederick Gerald Harold Howard Jeffrey
    Dave Mike Steve Chris Andy Tony Matt Dan Phil Nick Joe Sam Ben Alex Josh Jonny Tim Bob Rob Jim Jimmy
    Mary Margaret Susan Patricia Christine Linda Karen Julie Jacqueline Deborah Tracey Tracy Sharon
    Michelle Sarah Sara Claire Clare Nicola Joanne Joanna Lisa Emma Rebecca Rachel Laura Samantha
    Amanda Helen Angela Catherine Katherine Kathryn Elizabeth Jennifer Louise Kelly Gemma Kerry Stacey
    Leanne Natalie Danielle Hannah Jessica Lauren Chloe Megan Sophie Olivia Emily Amelia Isabella Ella
    Lucy Katie Kate Anna Anne Ann Jane Janet Jean Joan Barbara Brenda Carol Carole Caroline Cheryl
    Dawn Debbie Denise Diane Donna Doreen Dorothy Eileen Elaine Fiona Gillian Heather Hilary Irene
    Jackie Jill Jodie Judith Kathleen Kayleigh Kim Kirsty Lesley Lorraine Lynn Lynne Mandy Marie
    Maureen Melanie Naomi Paula Pamela Pauline Sandra Sheila Shirley Stephanie Sue Suzanne Teresa
    Theresa Tina Valerie Vanessa Wendy Yvonne Zoe Abigail Amy Bethany Charlotte Ellie Georgia Holly
    Mohammed Muhammad Mohammad Mohamed Ahmed Ali Hassan Hussain Imran Tariq Khalid Usman Bilal Yusuf
    Ibrahim Abdul Omar Asif Nadeem Shahid Zahid Fatima Aisha Ayesha Zainab Khadija Maryam Nadia Samina
    Shabana Priya Sanjay Deepak Rajesh Amit Sunil Anita Meera Gurpreet Harpreet Jaswinder Manjit
    Piotr Krzysztof Tomasz Pawel Marek Andrzej Jakub Agnieszka Katarzyna Magdalena Malgorzata Ewa
    Ion Vasile Elena Ioana Chinedu Oluwaseun Ngozi Kwame Abena Tendai
"""
GIVEN_NAMES = tuple(_LISTED.split())
